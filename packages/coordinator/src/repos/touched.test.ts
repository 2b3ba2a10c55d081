import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Fixture, failureOf, openFixture, taskId } from "./repositories.fixture.ts";

let fixture: Fixture;
let base = "";
const id = taskId(1);
const WANTED = [".github/workflows", ".gitlab-ci.yml"];
/** Which differ; those that do are all that were changed on the way. */
async function touched(to: string, paths = WANTED, from = base): Promise<string[]> {
  const { differing, takenBack } = await fixture.repositories.touched(id, from, to, paths);
  expect(takenBack).toEqual([]);
  return differing;
}

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
  expect((await touched(after, WANTED, before)).sort()).toEqual([
    ".github/workflows/deep/er.yml",
    ".github/workflows/old.yml",
    ".gitlab-ci.yml",
  ]);
  const harmless = await fixture.make(1, [{ path: "src/a.js", content: "1\n" }], base);
  expect(await touched(harmless)).toEqual([]);
});

test("what one commit changed and the next took back is told apart: the first is on the branch all the same", async () => {
  const evil = await fixture.make(1, [{ path: ".github/workflows/x.yml", content: "on: push\n" }], base);
  const clean = await fixture.make(1, [{ path: ".github/workflows/x.yml", content: null }], evil);
  expect(await fixture.repositories.touched(id, base, clean, WANTED)).toEqual({
    differing: [],
    takenBack: [".github/workflows/x.yml"],
    follows: true,
  });
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

test("names are compared without regard to case, and stars in them mean nothing", async () => {
  const make = (path: string) => fixture.make(1, [{ path, content: "1\n" }], base);
  expect(await touched(await make(".GitHub/Workflows/x.yml"))).toEqual([".GitHub/Workflows/x.yml"]);
  expect(await touched(await make(".GITLAB-CI.yml"))).toEqual([".GITLAB-CI.yml"]);
  expect(await touched(await make("src/a.js"), ["*", "s*", ":/src"])).toEqual([]);
});

test("of very many files a few are named", async () => {
  const files = Array.from({ length: 300 }, (_, n) => ({
    path: `.github/workflows/${n}.yml`,
    content: "1\n",
  }));
  expect(await touched(await fixture.make(1, files, base))).toHaveLength(20);
});

test("ten billion files in a dozen objects are refused by what would walk them all", async () => {
  const repository = fixture.repositories.taskPath(id);
  const write = async (input: string, ...args: string[]) => {
    const child = Bun.spawn(["git", `--git-dir=${repository}`, ...args], {
      stdin: new Blob([input]),
      stdout: "pipe",
    });
    return (await child.stdout.text()).trim();
  };
  let line = `100644 blob ${await write("x", "hash-object", "-w", "--stdin")}`;
  for (let level = 0; level < 10; level++) {
    const tree = await write(
      Array.from({ length: 10 }, (_, name) => `${line}\t${name}\n`).join(""),
      "mktree",
    );
    line = `040000 tree ${tree}`;
  }
  const bomb = await write(
    "",
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "commit-tree",
    "-p",
    base,
    "-m",
    "bomb",
    line.split(" ")[2] ?? "",
  );
  const { repositories } = fixture;
  expect((await failureOf(repositories.stats(id, base, bomb))).failure.code).toBe("payload_too_large");
  // One folder of it is as good as any.
  expect((await repositories.node(id, bomb, "0/1")).kind).toBe("folder");
}, 60_000);
