import type { TreeEntry } from "@farhand/protocol";

export interface TreeRow {
  entry: TreeEntry;
  depth: number;
  /** Of a folder: what is below it is seen. */
  isOpen: boolean;
  /** An open folder's entries are on their way. */
  isLoading: boolean;
}

/** Folders first, then names as people sort them. */
export function sorted(entries: readonly TreeEntry[]): TreeEntry[] {
  return [...entries].sort(
    (a, b) =>
      Number(b.kind === "folder") - Number(a.kind === "folder") ||
      a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: "base" }),
  );
}

/** The open folders' entries as one list, each below its folder. */
export function treeRows(
  folders: ReadonlyMap<string, readonly TreeEntry[]>,
  open: ReadonlySet<string>,
  path = "",
  depth = 0,
): TreeRow[] {
  return sorted(folders.get(path) ?? []).flatMap((entry) => {
    const isOpen = entry.kind === "folder" && open.has(entry.path);
    const row: TreeRow = { entry, depth, isOpen, isLoading: isOpen && !folders.has(entry.path) };
    return isOpen ? [row, ...treeRows(folders, open, entry.path, depth + 1)] : [row];
  });
}

/** The folders above a path, outermost first, without the root. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
}
