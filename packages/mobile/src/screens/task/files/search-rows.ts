import type { FileSearch, FoundLine, TreeEntry } from "@farhand/protocol";

/** Names that stand above what was found in files; the others come when they are asked for. */
export const FEW_NAMES = 5;

/** One row of a search's results. */
export type SearchRow = { key: string } & (
  | { type: "names" }
  | { type: "name"; entry: TreeEntry }
  | { type: "more-names"; count: number }
  | { type: "contents" }
  | { type: "file"; path: string }
  | { type: "line"; path: string; found: FoundLine }
  | { type: "more-lines" }
);

/** Names, and below them lines by file, as one list. */
export function searchRows(
  names: readonly TreeEntry[],
  found: FileSearch | null,
  showsAllNames: boolean,
): SearchRow[] {
  const shown = showsAllNames ? names : names.slice(0, FEW_NAMES);
  return [
    { type: "names", key: "names" },
    ...shown.map((entry) => ({ type: "name" as const, key: `name ${entry.path}`, entry })),
    ...(shown.length < names.length
      ? [{ type: "more-names" as const, key: "more names", count: names.length }]
      : []),
    { type: "contents", key: "contents" },
    ...(found?.files ?? []).flatMap(({ path, lines, truncated }): SearchRow[] => [
      { type: "file", key: `file ${path}`, path },
      ...lines.map((line) => ({ type: "line" as const, key: `${line.line} ${path}`, path, found: line })),
      ...(truncated ? [{ type: "more-lines" as const, key: `more ${path}` }] : []),
    ]),
  ];
}
