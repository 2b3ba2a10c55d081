/**
 * Attacks a whole Farhand from inside a sandbox and from its public side, and shows for each attack that it would
 * work without the wall that stops it:
 *
 *   FARHAND_WORKER_BINARY=… FARHAND_WORKER_IMAGE=… bun tests/attacks/main.ts [--only words] [--evidence]
 *
 * `--only` plays the attacks whose area and name have the words in them; `--evidence` shows what each run has seen.
 * All of it runs in namespaces of its own with no way to any network: Farhand, the Docker engine, the targets.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { needed } from "../e2e/support/world.ts";
import { openArena } from "./arena.ts";
import { playAttack, type Verdict } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { startEngine } from "./engine.ts";
import { enterGround, isInside, openFolder } from "./ground.ts";
import { table, totals, verdictLine } from "./report.ts";

const root = join(import.meta.dir, "../..");
const say = (line: string) => void process.stdout.write(`${line}\n`);

const { values: options } = parseArgs({
  options: { only: { type: "string", default: "" }, evidence: { type: "boolean", default: false } },
});
const wanted = ATTACKS.filter(({ area, name }) => `${area}: ${name}`.includes(options.only));

if (process.env.FARHAND_SANDBOX === "process") {
  say("The attack suite is skipped: it attacks containers, and no Docker can be used on this machine.");
  say(`0 passed, 0 failed, ${wanted.length} skipped`);
  process.exit(0);
}
if (process.getuid?.() !== 0) {
  say("The attack suite is skipped: making its namespaces and its Docker engine needs root on this machine.");
  say(`0 passed, 0 failed, ${wanted.length} skipped`);
  process.exit(0);
}
if (!isInside()) process.exit(await enterGround(import.meta.path, process.argv.slice(2)));

async function run(): Promise<Verdict[]> {
  await using stack = new AsyncDisposableStack();
  const startedAt = performance.now();
  const folder = stack.adopt(await openFolder(), (it) => it[Symbol.asyncDispose]()).path;
  const engine = stack.use(
    await startEngine({
      folder,
      cache: join(root, "build/attacks-engine"),
      image: needed("FARHAND_WORKER_IMAGE"),
    }),
  );
  const arena = stack.use(await openArena(engine, folder));
  say(`${wanted.length} attacks; the ground was ready after ${seconds(startedAt)} s`);
  const verdicts: Verdict[] = [];
  for (const attack of wanted) {
    const verdict = await playAttack(attack, arena);
    verdicts.push(verdict);
    say(verdictLine(verdicts.length, verdict, options.evidence));
  }
  say(`all were played after ${seconds(startedAt)} s`);
  return verdicts;
}

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

const verdicts = await run();
say(table(verdicts));
const result = totals(verdicts);
say(result);
process.exit(result.endsWith(" 0 failed") ? 0 : 1);
