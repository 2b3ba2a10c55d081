import { afterEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proveBranch } from "./branch-proof.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A repository whose main branch has `before` as its test, and whose branch `farhand/work` has `after`. */
async function repository(before: string, after: string): Promise<{ url: string; directory: string }> {
  const folder = await mkdtemp(join(tmpdir(), "farhand-proof-"));
  folders.push(folder);
  const source = join(folder, "source");
  const directory = join(folder, "proof");
  await mkdir(source);
  await mkdir(directory);
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  const git = async (...argv: string[]) => {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", HOME: folder };
    const child = Bun.spawn(["git", ...identity, ...argv], {
      cwd: source,
      env,
      stdout: "ignore",
      stderr: "inherit",
    });
    expect(await child.exited).toBe(0);
  };
  const commit = async (assertion: string) => {
    const test = `import assert from "node:assert";\nimport test from "node:test";\ntest("sum", () => assert.ok(${assertion}));\n`;
    await Bun.write(join(source, "sum.test.mjs"), test);
    await git("add", ".");
    await git("commit", "-qm", "work");
  };
  await git("init", "-q", "-b", "main");
  await commit(before);
  await git("checkout", "-q", "-b", "farhand/work");
  await commit(after);
  await git("checkout", "-q", "main");
  return { url: `file://${source}`, directory };
}

test.each([
  ["false", "true /* mended */", { baseFails: true, branchPasses: true }],
  ["false", "false /* not mended */", { baseFails: true, branchPasses: false }],
  ["true", "true /* was never broken */", { baseFails: false, branchPasses: true }],
])("a test that is %s before and %s after proves what it should", async (before, after, proof) => {
  const { url, directory } = await repository(before, after);
  const { signal } = new AbortController();
  expect(
    await proveBranch({ repositoryUrl: url, token: "t", branch: "farhand/work", directory, signal }),
  ).toMatchObject(proof);
});

test("a branch that was not pushed is no proof", async () => {
  const { url, directory } = await repository("false", "true /**/");
  const { signal } = new AbortController();
  const proof = proveBranch({ repositoryUrl: url, token: "t", branch: "farhand/other", directory, signal });
  await expect(proof).rejects.toThrow(/git ended with code/);
});
