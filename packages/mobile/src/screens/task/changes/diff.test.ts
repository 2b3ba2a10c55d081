import type { ReviewComment } from "@farhand/client/app";
import type { ChangedFile } from "@farhand/protocol";
import { withoutBlankChanges } from "./blanks.ts";
import { filesOf } from "./diff-file.ts";
import { isOutdated } from "./outdated.ts";
import { changedWithin, pairsOf } from "./pairs.ts";
import { parsePatch } from "./parse-patch.ts";
import { indexOfLine, offsetsOf, rowsOf } from "./rows.ts";
import { parseScope, rangeOf } from "./scope.ts";
import { moved, press, quoteOf } from "./selection.ts";
import { changesOf, stepFrom } from "./steps.ts";

const CHANGED = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,4 +1,5 @@ export function a() {
 one
-two
--- three
+Two
+++ four
+five
 end
`;
const file = (path: string, given: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  status: "modified",
  oldPath: null,
  insertions: 1,
  deletions: 1,
  ...given,
});
const parsed = () =>
  filesOf({ files: [file("src/a.ts", { insertions: 3, deletions: 2 })], text: CHANGED, truncated: false });
const first = () => parsed()[0] ?? fail("there is no file");
const options = {
  isSplit: false,
  ignoreBlanks: false,
  columns: 40,
  lineHeight: 20,
  commentHeights: new Map<string, number>(),
  isOpen: () => true,
};
const comment = (given: Partial<ReviewComment>): ReviewComment => ({
  id: "c",
  path: "src/a.ts",
  side: "new",
  startLine: 2,
  endLine: 3,
  quote: "",
  base: null,
  head: null,
  blob: "2",
  text: "Why?",
  createdAt: "",
  ...given,
});

describe("a patch", () => {
  test("has its lines by its own counts, also those that look like headers", () => {
    const [patch] = parsePatch(CHANGED);
    expect(patch?.path).toBe("src/a.ts");
    expect(patch?.hunks[0]?.heading).toBe("export function a() {");
    expect(
      patch?.hunks[0]?.lines.map(({ type, text, oldLine, newLine }) => [type, text, oldLine, newLine]),
    ).toEqual([
      ["context", "one", 1, 1],
      ["removed", "two", 2, null],
      ["removed", "-- three", 3, null],
      ["added", "Two", null, 2],
      ["added", "++ four", null, 3],
      ["added", "five", null, 4],
      ["context", "end", 4, 5],
    ]);
  });

  test("tells of renames, modes, binary files, quoted names and a missing last line break", () => {
    const patches = parsePatch(
      [
        "diff --git a/old name b/new name",
        "similarity index 100%",
        "rename from old name",
        "rename to new name",
        "diff --git a/tool b/tool",
        "old mode 100644",
        "new mode 100755",
        "diff --git a/i.png b/i.png",
        "index 1..2 100644",
        "Binary files a/i.png and b/i.png differ",
        'diff --git "a/q\\t\\303\\274\\".txt" "b/q\\t\\303\\274\\".txt"',
        '--- "a/q\\t\\303\\274\\".txt"',
        '+++ "b/q\\t\\303\\274\\".txt"',
        "@@ -1 +1 @@",
        "-x",
        "\\ No newline at end of file",
        "+y",
        "\\ No newline at end of file",
        "",
      ].join("\n"),
    );
    expect(patches.map(({ path }) => path)).toEqual(["new name", "tool", "i.png", 'q\tü".txt']);
    expect(patches[1]).toMatchObject({ oldMode: "100644", newMode: "100755", hunks: [] });
    expect(patches[2]?.isBinary).toBe(true);
    expect(patches[3]?.hunks[0]?.lines.map(({ isUnended }) => isUnended)).toEqual([true, true]);
  });

  test("that is not understood is refused, not shown in part", () => {
    expect(() => parsePatch("nonsense\n")).toThrow("out of place");
    expect(() => parsePatch(CHANGED.replace(" one", "?one"))).toThrow("not understood");
  });
});

describe("files of a diff", () => {
  test("are those that the server lists, found by name or by place, in whatever was cut off", () => {
    const odd = CHANGED.replaceAll("src/a.ts", "caf\ufffd");
    const files = filesOf({
      files: [
        file("caf%E9", { insertions: 3, deletions: 2 }),
        file("100%25"),
        file("later.ts", { insertions: 9 }),
      ],
      text: `${odd}diff --git a/100% b/100%\n--- a/100%\n+++ b/100%\n@@ -1,2 +1,2 @@\n-x\n+y\n en`,
      truncated: true,
    });
    expect(files.map(({ hunks, isPartial }) => [hunks.length, isPartial])).toEqual([
      [1, false],
      [1, false],
      [0, true],
    ]);
    expect(files[1]?.hunks[0]?.isCut).toBe(true);
  });

  test("have a fingerprint that goes with their lines", () => {
    const other = filesOf({
      files: [file("src/a.ts", { insertions: 3, deletions: 2 })],
      text: CHANGED.replace("+five", "+six"),
      truncated: false,
    });
    expect(first().fingerprint).toBe(parsed()[0]?.fingerprint);
    expect(other[0]?.fingerprint).not.toBe(first().fingerprint);
  });
});

test("lines that differ in blanks alone count as unchanged where that is wished for", () => {
  const [patch] = parsePatch(
    "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n-a b\n-c\n-d\n+\ta b\n+C\n+d \n",
  );
  const hunk = withoutBlankChanges(patch?.hunks[0] ?? fail("there is no hunk"));
  expect(hunk.lines.map(({ type, text, oldLine, newLine }) => [type, text, oldLine, newLine])).toEqual([
    ["context", "\ta b", 1, 1],
    ["removed", "c", 2, null],
    ["added", "C", null, 2],
    ["context", "d ", 3, 3],
  ]);
});

test("before and after stand side by side, with what changed within a line", () => {
  const pairs = pairsOf(first().hunks[0]?.lines ?? []);
  expect(pairs.map((pair) => [pair.old?.text ?? null, pair.new?.text ?? null])).toEqual([
    ["one", "one"],
    ["two", "Two"],
    ["-- three", "++ four"],
    [null, "five"],
    ["end", "end"],
  ]);
  expect(changedWithin("return a + b;", "return a - b;")).toEqual({
    old: { start: 9, end: 10 },
    new: { start: 9, end: 10 },
  });
  expect(changedWithin("entirely", "different words")).toBeNull();
});

describe("rows", () => {
  test("have a comment below the last of its lines, on its side", () => {
    const rows = rowsOf(
      parsed(),
      [comment({}), comment({ id: "o", side: "old", startLine: 2, endLine: 2, blob: "1" })],
      options,
    );
    expect(rows.map((row) => (row.kind === "line" ? row.line.text : row.key))).toEqual([
      "src/a.ts",
      "src/a.ts:0",
      "one",
      "two",
      "comment:o",
      "-- three",
      "Two",
      "++ four",
      "comment:c",
      "five",
      "end",
    ]);
  });

  test("have comments on another state of the file at its head, and never at a line of this one", () => {
    const moved = comment({ blob: "3f", quote: "Two\n++ four" });
    const rows = rowsOf(parsed(), [moved], options);
    expect(rows.slice(0, 2)).toMatchObject([{ kind: "file" }, { kind: "comment", isOutdated: true }]);
    expect(rows.filter(({ kind }) => kind === "comment")).toHaveLength(1);
  });

  test("keep comments whose lines are not shown", () => {
    const rows = rowsOf(parsed(), [comment({ endLine: 90 })], options);
    expect(rows.slice(-2).map(({ kind }) => kind)).toEqual(["note", "comment"]);
  });

  test("are known in height before they are drawn, and found by file and line", () => {
    const rows = rowsOf(parsed(), [], { ...options, columns: 2 });
    const offsets = offsetsOf(rows);
    expect(offsets.at(-1)).toBe(rows.reduce((sum, { height }) => sum + height, 0));
    const index = indexOfLine(rows, "src/a.ts", 3);
    expect(rows[index]).toMatchObject({ kind: "line", line: { text: "++ four" }, height: 60 });
    expect(indexOfLine(rows, "src/a.ts", 99)).toBe(0);
    expect(indexOfLine(rows, "none", 1)).toBe(-1);
    const split = rowsOf(parsed(), [], { ...options, isSplit: true });
    expect(split[indexOfLine(split, "src/a.ts", 3, "old")]).toMatchObject({ kind: "pair" });
  });

  test("of a folded file are its head alone, and a binary file says that it is one", () => {
    expect(rowsOf(parsed(), [], { ...options, isOpen: () => false })).toHaveLength(1);
    const [, note] = rowsOf([{ ...first(), isBinary: true, hunks: [] }], [], options);
    expect(note).toMatchObject({ kind: "note", note: "binary" });
  });
});

describe("a comment is outdated", () => {
  test("where the file's content on its side is another one, however git shortens the ids", () => {
    expect(isOutdated(comment({ blob: "2" }), first())).toBe(false);
    expect(isOutdated(comment({ blob: "2abc" }), first())).toBe(false);
    expect(isOutdated(comment({ blob: "2", side: "old" }), first())).toBe(true);
    expect(isOutdated(comment({}), null)).toBe(true);
  });

  test("by its lines where contents are not known", () => {
    expect(isOutdated(comment({ blob: null, quote: "Two\n++ four" }), first())).toBe(false);
    expect(isOutdated(comment({ blob: null, quote: "Two\nfour" }), first())).toBe(true);
  });
});

describe("steps from change to change", () => {
  const at = (from: number, to = from, side: "old" | "new" = "new") => ({ path: "src/a.ts", side, from, to });

  test("take lines that changed beside each other as one, by what is new in them", () => {
    for (const isSplit of [false, true]) {
      const rows = rowsOf(parsed(), [comment({})], { ...options, isSplit });
      const changes = changesOf(rows);
      expect(changes.map(({ lines }) => lines)).toEqual([at(2, 4)]);
      expect(rows[changes[0]?.row ?? -1]?.kind).toBe(isSplit ? "pair" : "line");
    }
  });

  test("go on from what is chosen, and from the top of what is seen where nothing is", () => {
    const changes = [
      { row: 2, lines: at(2, 4) },
      { row: 9, lines: at(20, 21, "old") },
      { row: 15, lines: at(30) },
    ];
    const to = (...given: [Parameters<typeof stepFrom>[1], number, 1 | -1]) =>
      stepFrom(changes, ...given)?.row ?? null;
    expect(to(null, 0, 1)).toBe(2);
    expect(to(null, 10, 1)).toBe(15);
    expect(to(null, 10, -1)).toBe(9);
    expect(to(at(3), 0, 1)).toBe(9);
    expect(to(at(30), 0, 1)).toBeNull();
    expect(to(at(2), 0, -1)).toBeNull();
    expect(to(at(99), 20, -1)).toBe(15);
  });
});

describe("a choice of lines", () => {
  test("begins with one, grows to another of the same side, and is let go", () => {
    const one = press(null, "src/a.ts", "new", 4);
    expect(press(one, "src/a.ts", "new", 2)).toEqual({ path: "src/a.ts", side: "new", from: 4, to: 2 });
    expect(press(one, "src/a.ts", "new", 4)).toBeNull();
    expect(press(one, "src/a.ts", "old", 2)).toMatchObject({ side: "old", from: 2, to: 2 });
  });

  test("has its lines as a quote, and moves by lines that are shown", () => {
    const range = { path: "src/a.ts", side: "new" as const, from: 4, to: 2 };
    expect(quoteOf(first(), range)).toBe("Two\n++ four\nfive");
    expect(moved(range, first(), -1).to).toBe(1);
    expect(moved({ ...range, to: 5 }, first(), 1).to).toBe(5);
  });
});

test("a turn's changes begin where the last one that was kept ended", () => {
  const turn = (n: number, checkpoint: string | null, isDiscarded = false) =>
    ({ turn: n, checkpoint, isDiscarded }) as Parameters<typeof rangeOf>[1][number];
  const turns = [turn(1, "a"), turn(2, null), turn(3, "b", true), turn(4, "c")];
  expect(rangeOf(parseScope("4"), turns)).toEqual({ from: "turn-1", to: "turn-4" });
  expect(rangeOf(parseScope("1"), turns)).toEqual({ from: "base", to: "turn-1" });
  expect(rangeOf(parseScope("x"), turns)).toEqual({ from: "base", to: "latest" });
});

function fail(message: string): never {
  throw new Error(message);
}
