import type { FileNode, TreeEntry } from "@farhand/protocol";
import { linesOf } from "./code-viewer.tsx";
import { findAll, hitFrom } from "./find.ts";
import { base64, imageKindOf } from "./image-kind.ts";
import { indexNames, matching, type NameIndex } from "./search-names.ts";
import { foldersAbove, treeRows } from "./tree.ts";

const entry = (path: string, kind: TreeEntry["kind"] = "file"): TreeEntry => ({
  name: path.slice(path.lastIndexOf("/") + 1),
  path,
  kind,
  isExecutable: false,
  sizeBytes: kind === "folder" ? null : 1,
});
const FOLDERS: Record<string, TreeEntry[]> = {
  "": [entry("b.ts"), entry("src", "folder"), entry("A.md")],
  src: [entry("src/file10.ts"), entry("src/file2.ts"), entry("src/cart", "folder")],
  "src/cart": [entry("src/cart/index.ts")],
};
const folder = async (path: string): Promise<FileNode> => ({
  kind: "folder",
  commit: "c",
  path,
  entries: FOLDERS[path] ?? [],
  truncated: false,
});

test("places are found whatever the case, and the next one from a line on", () => {
  const hits = findAll(["Cart cart", "", "cartcart"], "CART");
  expect(hits.map(({ line, start }) => [line, start])).toEqual([
    [0, 0],
    [0, 5],
    [2, 0],
    [2, 4],
  ]);
  expect(hitFrom(hits, 1)).toBe(2);
  expect(hitFrom(hits, 3)).toBe(0);
  expect(findAll(["x"], "")).toEqual([]);
  // A dotted İ becomes two letters when it is small.
  expect(findAll(["İİ x"], "x")).toEqual([{ line: 0, start: 3, end: 4 }]);
});

test("open folders have their entries below them, folders first, numbers as numbers", () => {
  const rows = treeRows(new Map(Object.entries(FOLDERS)), new Set(["src"]));
  expect(rows.map(({ entry: it, depth }) => `${depth}${it.name}`)).toEqual([
    "0src",
    "1cart",
    "1file2.ts",
    "1file10.ts",
    "0A.md",
    "0b.ts",
  ]);
  expect(treeRows(new Map([["", FOLDERS[""] ?? []]]), new Set(["src"]))[0]?.isLoading).toBe(true);
  expect(foldersAbove("a/b/c.ts")).toEqual(["a", "a/b"]);
});

test("a search reads all folders, and puts names before paths", async () => {
  const steps: NameIndex[] = [];
  await indexNames(folder, (step) => steps.push(step), new AbortController().signal);
  expect(steps.at(-1)).toMatchObject({ isDone: true, foldersRead: 3, isPartial: false });
  const files = steps.at(-1)?.files ?? [];
  expect(matching(files, "src index").map(({ path }) => path)).toEqual(["src/cart/index.ts"]);
  expect(matching(files, "FILE").map(({ path }) => path)).toEqual(["src/file2.ts", "src/file10.ts"]);
  expect(matching(files, " ")).toEqual([]);
});

test("a search that nobody waits for ends", async () => {
  const aborter = new AbortController();
  aborter.abort();
  const steps: NameIndex[] = [];
  await indexNames(folder, (step) => steps.push(step), aborter.signal);
  expect(steps.filter(({ foldersRead }) => foldersRead > 0)).toEqual([]);
});

test("the last line break begins no line", () => {
  expect(linesOf("a\nb\n")).toEqual(["a", "b"]);
  expect(linesOf("a\n\n")).toEqual(["a", ""]);
});

test.each([0, 1, 2, 3, 255, 10_000])("%i bytes as base64", (length) => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
  expect(base64(bytes)).toBe(btoa(String.fromCharCode(...bytes)));
});

test("pictures are told by their name, and an SVG is text", () => {
  expect(imageKindOf("a/B.PNG")).toBe("image/png");
  expect(imageKindOf("a.svg")).toBeNull();
});
