import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Scenario } from "./scenario.ts";

const FOLDER = join(import.meta.dir, "..", "..", "scenarios");

/** Reads every scenario file that comes with this package, by name. Throws on a file that is not one. */
export async function builtInScenarios(): Promise<Map<string, Scenario>> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".json")).sort();
  const scenarios = await Promise.all(
    files.map(async (file) => {
      const scenario = Scenario.parse(JSON.parse(await readFile(join(FOLDER, file), "utf8")));
      if (`${scenario.name}.json` !== file) throw new Error(`${file} holds a scenario of another name`);
      return scenario;
    }),
  );
  return new Map(scenarios.map((scenario) => [scenario.name, scenario]));
}
