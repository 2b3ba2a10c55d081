import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ChangedFile, DIFF_MAX_FILES, DIFF_TEXT_MAX_BYTES } from "@farhand/protocol";
import type { Repositories } from "../domain/ports.ts";
import { BRANCH, type Fixture, failureOf, git, openFixture, taskId } from "./repositories.fixture.ts";

let fixture: Fixture;
let repositories: Repositories;
const id = taskId(1);

beforeEach(async () => {
  fixture = await openFixture();
  ({ repositories } = fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("the counts of what changed", () => {
  test("are of files and lines, binary files as files", async () => {
    const { work } = fixture;
    const { base } = await fixture.prepareWithWork(1);
    await git(work, "mv", "c.txt", "moved name.txt");
    const tip = await fixture.commit({ "b.bin": "\0\u0002", "q\tuoted.txt": "x\n" });
    await git(work, "push", "--quiet", repositories.taskPath(id), `HEAD:refs/heads/${BRANCH}`);
    expect(await repositories.stats(id, base, tip)).toEqual({ filesChanged: 4, insertions: 4, deletions: 1 });
    const before = await git(work, "rev-parse", "HEAD^");
    expect(await repositories.stats(id, before, tip)).toMatchObject({ filesChanged: 3 });
    expect(await repositories.stats(id, base, base)).toEqual({
      filesChanged: 0,
      insertions: 0,
      deletions: 0,
    });
  });
});

describe("what changed", () => {
  test("is told file by file, with renames, kinds, binary files and odd names", async () => {
    await fixture.prepareWithWork(1);
    const long = "a line\n".repeat(20);
    const from = await fixture.make(1, [
      { path: "old name.txt", content: long },
      { path: "same.txt", content: "same\n" },
      { path: "image.bin", content: "\0\u0001" },
      { path: "gone.txt", content: "gone\n" },
      { path: "tool.sh", content: "#!/bin/sh\n" },
      { path: "becomes-link", content: "text\n" },
      { path: "sub", content: "1".repeat(40), mode: "160000" },
    ]);
    const to = await fixture.make(
      1,
      [
        { path: "old name.txt", content: null },
        { path: "folder/new\nname.txt", content: `${long}one more\n` },
        { path: "image.bin", content: "\0\u0002" },
        { path: "gone.txt", content: null },
        { path: "tool.sh", content: "#!/bin/sh\n", mode: "100755" },
        { path: "becomes-link", content: "same.txt", mode: "120000" },
        { path: "sub", content: "2".repeat(40), mode: "160000" },
        { path: 'quote".txt', content: "q\n" },
        { path: "ünï漢.txt", content: "u\n" },
        { path: "100%", content: "p\n" },
        { path: latin1("caf\xe9"), content: "l\n" },
      ],
      from,
    );
    const changes = await repositories.changes(id, from, to, null);
    for (const file of changes.files) expect(ChangedFile.safeParse(file).error).toBeUndefined();
    const lines = changes.files.map(({ path, status, oldPath, insertions, deletions }) =>
      [status, path, oldPath, insertions, deletions].join("|"),
    );
    expect(lines.sort()).toEqual(
      [
        "added|100%25||1|0",
        "added|caf%E9||1|0",
        'added|quote".txt||1|0',
        "added|ünï漢.txt||1|0",
        "deleted|gone.txt||0|1",
        "modified|image.bin|||",
        "modified|sub||1|1",
        "modified|tool.sh||0|0",
        "renamed|folder/new\nname.txt|old name.txt|1|0",
        "type_changed|becomes-link||1|1",
      ].sort(),
    );
    expect(changes).toMatchObject({
      filesChanged: 10,
      insertions: 7,
      deletions: 3,
      filesTruncated: false,
      truncated: false,
    });
    expect(changes.text).toContain("+++ b/ünï漢.txt\n");
    expect(changes.text).toContain("rename from old name.txt\n");
    expect(changes.text).toContain("Binary files a/image.bin and b/image.bin differ\n");
    expect(changes.text).toContain(`-Subproject commit ${"1".repeat(40)}\n`);
  });

  test("is of nothing between a commit and itself", async () => {
    const { base } = await fixture.prepareWithWork(1);
    expect(await repositories.changes(id, base, base, null)).toEqual({
      files: [],
      filesTruncated: false,
      text: "",
      truncated: false,
      filesChanged: 0,
      insertions: 0,
      deletions: 0,
    });
  });

  test("has its text cut off between characters where it is too long, and its counts of the whole", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    const line = `${"漢".repeat(999)}\n`;
    const lines = Math.ceil((2 * DIFF_TEXT_MAX_BYTES) / Buffer.byteLength(line));
    for (const shift of ["", "x", "xx"]) {
      const wide = await fixture.make(1, [{ path: "wide.txt", content: shift + line.repeat(lines) }], tip);
      const changes = await repositories.changes(id, tip, wide, null);
      expect(changes).toMatchObject({ truncated: true, insertions: lines, filesChanged: 1 });
      expect(changes.text).not.toContain("\ufffd");
      expect(Buffer.byteLength(changes.text)).toBeLessThanOrEqual(DIFF_TEXT_MAX_BYTES);
      expect(Buffer.byteLength(changes.text)).toBeGreaterThan(DIFF_TEXT_MAX_BYTES - 4);
    }
  });

  test("may be ten thousand files and more: all are counted and so many are listed", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    const path = (n: number) => `folder-${n % 50}/file-${n}.txt`;
    const more = DIFF_MAX_FILES + 7;
    const files = Array.from({ length: more }, (_, n) => ({ path: path(n), content: `file\n${n}\n` }));
    const many = await fixture.make(1, files, tip);
    const added = await repositories.changes(id, tip, many, null);
    expect(added).toMatchObject({ filesTruncated: true, filesChanged: more, insertions: 2 * more });
    expect(added.files.length).toBe(DIFF_MAX_FILES);
    expect(added.files.every((file) => file.status === "added" && file.insertions === 2)).toBe(true);
    expect(await repositories.changes(id, tip, many, path(4321))).toMatchObject({ filesChanged: 1 });

    // Every file elsewhere, and half of them different: too many for the search of similar ones.
    const moved = await fixture.make(
      1,
      files.flatMap((file, n) => [
        { path: file.path, content: null },
        { path: `a-moved/${n}`, content: n % 2 ? file.content : `${n}` },
      ]),
      many,
    );
    const renamed = await repositories.changes(id, many, moved, null);
    const same = Math.floor(more / 2);
    expect(renamed.filesChanged).toBe(same + 2 * (more - same));
    // A few of them are beyond what is listed.
    const listed = renamed.files.filter((file) => file.status === "renamed").length;
    expect(listed).toBeGreaterThanOrEqual(same - (more - DIFF_MAX_FILES));
  }, 60_000);

  test("runs no program that the repository's attributes or the user's configuration name", async () => {
    const { folder, work } = fixture;
    const { tip } = await fixture.prepareWithWork(1);
    const evil = await fixture.commit({
      ".gitattributes": "*.txt diff=evil filter=evil\n",
      "a.txt": "evil\n",
    });
    const path = repositories.taskPath(id);
    await git(work, "push", "--quiet", path, `HEAD:refs/heads/${BRANCH}`);
    for (const key of ["diff.evil.command", "diff.evil.textconv", "diff.external", "core.fsmonitor"]) {
      await git(path, "config", key, `touch ${join(folder, "ran")};`);
    }
    expect((await repositories.changes(id, tip, evil, null)).filesChanged).toBe(2);
    await repositories.changes(id, tip, evil, "a.txt");
    await repositories.stats(id, tip, evil);
    expect(await readdir(folder)).not.toContain("ran");
  });

  test("is of commits that are there alone", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    const option = `--output=${fixture.folder}/x`;
    await expect(repositories.changes(id, option, tip, null)).rejects.toThrow();
    await expect(repositories.stats(id, "HEAD", tip)).rejects.toThrow();
    expect((await failureOf(repositories.changes(id, "1".repeat(40), tip, null))).code).toBe("not_found");
    const blob = await git(fixture.work, "rev-parse", "HEAD:a.txt");
    expect((await failureOf(repositories.changes(id, blob, tip, null))).code).toBe("not_found");
    expect((await failureOf(repositories.changes(taskId(9), tip, tip, null))).code).toBe("removed");
    expect(() => repositories.taskPath("../x")).toThrow();
  });
});

describe("what changed at a path", () => {
  const long = "a line\n".repeat(20);

  async function renamedFiles(): Promise<{ from: string; to: string }> {
    await fixture.prepareWithWork(1);
    const from = await fixture.make(1, [
      { path: "src/one.txt", content: long },
      { path: "src/two.txt", content: "two\n" },
      { path: "src2/three.txt", content: "three\n" },
      { path: "same.txt", content: "same\n" },
    ]);
    const to = await fixture.make(
      1,
      [
        { path: "src/one.txt", content: null },
        { path: "lib/one.txt", content: `${long}1\n` },
        { path: "src/two.txt", content: "2\n" },
        { path: "src2/three.txt", content: "3\n" },
      ],
      from,
    );
    return { from, to };
  }

  test("is that file's part, and a folder's is that of all within", async () => {
    const { from, to } = await renamedFiles();
    const file = await repositories.changes(id, from, to, "src/two.txt");
    expect(file.files.map(({ path }) => path)).toEqual(["src/two.txt"]);
    expect(file.text).toContain("-two\n+2\n");
    expect(file).toMatchObject({ filesChanged: 1, insertions: 1, deletions: 1 });
    const folder = await repositories.changes(id, from, to, "src");
    expect(folder.files.map(({ path }) => path)).toEqual(["lib/one.txt", "src/two.txt"]);
    expect(await repositories.changes(id, from, to, "")).toEqual(
      await repositories.changes(id, from, to, null),
    );
  });

  test("stays a rename by the new path and by the old one", async () => {
    const { from, to } = await renamedFiles();
    for (const path of ["lib/one.txt", "src/one.txt", "lib"]) {
      const { files, text } = await repositories.changes(id, from, to, path);
      expect(files).toEqual([
        { path: "lib/one.txt", oldPath: "src/one.txt", status: "renamed", insertions: 1, deletions: 0 },
      ]);
      expect(text).toContain("rename to lib/one.txt");
      expect(text).not.toContain("two.txt");
    }
  });

  test("is nothing where nothing changed, and not found in neither commit", async () => {
    const { from, to } = await renamedFiles();
    expect(await repositories.changes(id, from, to, "same.txt")).toMatchObject({ files: [], text: "" });
    for (const path of ["none.txt", "same.txt/x", "s", "*", ":(top)src"]) {
      expect((await failureOf(repositories.changes(id, from, to, path))).code).toBe("not_found");
    }
    expect((await failureOf(repositories.changes(id, from, to, "../x"))).code).toBe("invalid_request");
  });

  test("is found under every name that git can hold", async () => {
    await fixture.prepareWithWork(1);
    const every = latin1(
      Array.from({ length: 255 }, (_, n) => String.fromCharCode(n + 1))
        .filter((character) => character !== "/")
        .join(""),
    );
    const names = [
      every,
      latin1("caf\xe9"),
      latin1("-n"),
      latin1("*"),
      latin1("tail\n"),
      latin1(" "),
      latin1("%s%n"),
    ];
    const from = await fixture.make(1, [{ path: "x", content: "x" }]);
    const to = await fixture.make(
      1,
      names.map((path) => ({ path, content: `${path.byteLength}\n` })),
      from,
    );
    const { files } = await repositories.changes(id, from, to, null);
    expect(files.length).toBe(names.length);
    for (const { path } of files) {
      const alone = await repositories.changes(id, from, to, path);
      expect(alone.files.map((file) => file.path)).toEqual([path]);
      expect(alone.text.split("diff --git").length).toBe(2);
    }
  });
});
