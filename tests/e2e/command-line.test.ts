import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { makeLargeRepository } from "@farhand/simulators/sample-repository";
import { noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { openWorld, type World } from "./support/world.ts";

const script = join(import.meta.dir, "../../farhand");

let world: World;
let large: Awaited<ReturnType<World["github"]["addRepository"]>>;
beforeAll(async () => {
  if (noDocker) return;
  world = await openWorld();
  const bare = join(world.folder, "large.git");
  await makeLargeRepository(bare, { commits: 1100, files: 1050 });
  large = await world.github.addRepository("octo", "large", bare);
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Runs the front door as a person would, against the world's coordinator. */
async function farhand(...argv: string[]) {
  const token = (await Bun.file(join(world.settings.FARHAND_DATA ?? "", "owner.token")).text()).trim();
  const { PATH, HOME } = process.env;
  const child = Bun.spawn([script, ...argv], {
    env: { PATH, HOME, FARHAND_URL: world.client.baseUrl, FARHAND_TOKEN: token },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, complaints, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { out, complaints, exitCode };
}

describe.skipIf(noDocker)("./farhand run", () => {
  test("does a task on a repository of 1,100 commits and shows branch, diff and pull request", async () => {
    const { out, exitCode } = await farhand(
      "run",
      large.cloneUrl,
      "Raise the version. [scenario:three-edits]",
    );
    expect(exitCode).toBe(0);
    expect(out).toContain("+export const version = 2;");
    expect(out).toContain(`${large.htmlUrl}/pull/1`);
    const [pull] = large.pulls;
    const changed = await git(["-C", large.path, "diff", "--name-only", "main", pull?.head ?? ""]);
    expect(changed.split("\n")).toEqual([
      "src/module-001/file-001.js",
      "src/module-002/file-002.js",
      "src/module-003/file-003.js",
    ]);
    // Not a terminal: no escape sequences.
    expect(out).not.toContain("\u001b");
  });

  test("with --json says everything as one object a line, the result last", async () => {
    const { out, exitCode } = await farhand(
      "run",
      world.sample.cloneUrl,
      "Hello. [scenario:say-hello]",
      "--json",
    );
    expect(exitCode).toBe(0);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ result: "idle", pullRequestUrl: null });
  });

  test("tells a failure with what to do, and exits 1", async () => {
    const address = `${world.github.url}/octo/nothing.git`;
    const { out, complaints, exitCode } = await farhand("run", address, "Hello.");
    expect(exitCode).toBe(1);
    expect(`${out}${complaints}`).toContain("nothing");
  });

  test("refuses an empty prompt and unknown options before it does anything", async () => {
    expect((await farhand("run", world.sample.cloneUrl, " ")).exitCode).toBe(2);
    expect((await farhand("run", world.sample.cloneUrl, "x", "--speed", "9")).exitCode).toBe(2);
    expect((await farhand("conquer")).exitCode).toBe(2);
  });
});
