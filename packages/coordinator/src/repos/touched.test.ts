import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Fixture, openFixture, taskId } from "./repositories.fixture.ts";

let fixture: Fixture;
let base = "";
const id = taskId(1);
const WANTED = [".github/workflows", ".gitlab-ci.yml"];
const touched = (to: string) => fixture.repositories.touched(id, base, to, WANTED);

beforeEach(async () => {
  fixture = await openFixture();
  ({ base } = await fixture.prepareWithWork(1));
});
afterEach(() => fixture[Symbol.asyncDispose]());

test("files that were added, changed, removed or renamed below a path are named, and others are not", async () => {
  const before = await fixture.make(1, [{ path: ".github/workflows/old.yml", content: "on: push\n" }], base);
  const after = await fixture.make(
    1,
    [
      { path: ".github/workflows/old.yml", content: null },
      { path: ".github/workflows/deep/er.yml", content: "on: push\n" },
      { path: ".gitlab-ci.yml", content: "job:\n" },
      { path: ".github/CODEOWNERS", content: "* @a\n" },
      { path: "src/.gitlab-ci.yml", content: "not at its place\n" },
    ],
    before,
  );
  expect((await fixture.repositories.touched(id, before, after, WANTED)).sort()).toEqual([
    ".github/workflows/deep/er.yml",
    ".github/workflows/old.yml",
    ".gitlab-ci.yml",
  ]);
  const harmless = await fixture.make(1, [{ path: "src/a.js", content: "1\n" }], base);
  expect(await touched(harmless)).toEqual([]);
});

test("what one commit changed and the next took back is named: the first is on the branch all the same", async () => {
  const evil = await fixture.make(1, [{ path: ".github/workflows/x.yml", content: "on: push\n" }], base);
  const clean = await fixture.make(1, [{ path: ".github/workflows/x.yml", content: null }], evil);
  expect(await touched(clean)).toEqual([".github/workflows/x.yml"]);
});

test("a folder that became a link or a submodule is named, and so are names that look like options or globs", async () => {
  const link = await fixture.make(
    1,
    [{ path: ".github/workflows", content: "../evil", mode: "120000" }],
    base,
  );
  expect(await touched(link)).toEqual([".github/workflows"]);
  const module = [{ path: ".github/workflows", content: "1".repeat(40), mode: "160000" as const }];
  expect(await touched(await fixture.make(1, module, base))).toEqual([".github/workflows"]);
  const odd = await fixture.make(1, [{ path: ".github/workflows/--output=x *", content: "1\n" }], base);
  expect(await touched(odd)).toEqual([".github/workflows/--output=x *"]);
});

test("of very many files a few are named", async () => {
  const files = Array.from({ length: 300 }, (_, n) => ({
    path: `.github/workflows/${n}.yml`,
    content: "1\n",
  }));
  expect(await touched(await fixture.make(1, files, base))).toHaveLength(20);
});
