import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Git } from "./git.ts";
import { listBranches } from "./list-branches.ts";
import { at, failureOf, never, git as run } from "./repositories.fixture.ts";

const git = new Git({ stallSeconds: 10 });
let folder: string;
let bare: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-branches-"));
  bare = join(folder, "a.git");
  await run(folder, "init", "--quiet", "--bare", "--initial-branch=trunk", bare);
  const tree = (await run(bare, "mktree")).trim();
  const commit = (await run(bare, "commit-tree", "-m", "first", tree)).trim();
  for (const name of ["trunk", "feature/one", "a@b"])
    await run(bare, "update-ref", `refs/heads/${name}`, commit);
  await run(bare, "update-ref", "refs/tags/v1", commit);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("lists the branches that a task can start from, and which is the default", async () => {
  expect(await listBranches(git, at(bare), never)).toEqual({
    branches: ["feature/one", "trunk"],
    defaultBranch: "trunk",
    truncated: false,
  });
});

test("a repository without a commit has none", async () => {
  const empty = join(folder, "empty.git");
  await run(folder, "init", "--quiet", "--bare", empty);
  expect(await listBranches(git, at(empty), never)).toEqual({
    branches: [],
    defaultBranch: null,
    truncated: false,
  });
});

test("one that is not there is told in words", async () => {
  const { failure } = await failureOf(listBranches(git, at(join(folder, "gone.git")), never));
  expect(failure.code).toBe("repository_not_found");
});
