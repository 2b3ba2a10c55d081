import type { FileNode, TreeEntry } from "@farhand/protocol";

/** Folders that one search reads. */
export const MOST_FOLDERS = 400;
const AT_ONCE = 4;

export interface NameIndex {
  files: readonly TreeEntry[];
  foldersRead: number;
  isDone: boolean;
  /** There are more folders than were read. */
  isPartial: boolean;
}

export const EMPTY_INDEX: NameIndex = { files: [], foldersRead: 0, isDone: false, isPartial: false };

/**
 * Reads folder after folder, those near the root first, and tells of each step. The server lists one folder at a time.
 * @param folder throws where the server does not answer; then so does this
 */
export async function indexNames(
  folder: (path: string) => Promise<FileNode>,
  onStep: (index: NameIndex) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [""];
  const files: TreeEntry[] = [];
  let foldersRead = 0;
  let isPartial = false;
  while (waiting.length > 0 && !signal.aborted) {
    if (foldersRead >= MOST_FOLDERS) {
      isPartial = true;
      break;
    }
    const nodes = await Promise.all(waiting.splice(0, AT_ONCE).map(folder));
    if (signal.aborted) return;
    for (const node of nodes) {
      foldersRead += 1;
      if (node.kind !== "folder") continue;
      if (node.truncated) isPartial = true;
      for (const entry of node.entries)
        if (entry.kind === "folder") waiting.push(entry.path);
        else files.push(entry);
    }
    onStep({ files: [...files], foldersRead, isDone: false, isPartial });
  }
  onStep({ files, foldersRead, isDone: true, isPartial });
}

/** Files that have all words in their path; those that have them in their name first, then the shorter ones. */
export function matching(files: readonly TreeEntry[], wanted: string, most = 200): TreeEntry[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const rank = ({ name, path }: TreeEntry) =>
    (words.every((word) => name.toLowerCase().includes(word)) ? 0 : 10_000) + path.length;
  return files
    .filter(({ path }) => words.every((word) => path.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
    .slice(0, most);
}
