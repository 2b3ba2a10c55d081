import { FILE_TEXT_MAX_BYTES, type FileNode, TREE_MAX_ENTRIES, type TreeEntry } from "@farhand/protocol";
import { isBinary, readBlobStart, sizeOfBlob } from "./blob.ts";
import type { Git } from "./git.ts";
import { joinPath, parsePath, showName, showPath } from "./path-bytes.ts";
import { entriesOf, findEntry, noSuchPath } from "./tree.ts";

/** No system makes a link with a longer target. */
const LINK_MAX_BYTES = 4096;

/** A folder, file, link or submodule of a commit. Of a file its first MiB is read, and never more. */
export async function readNode(
  git: Git,
  repository: string,
  commit: string,
  path: string,
): Promise<FileNode> {
  const parts = parsePath(path);
  const entry = await findEntry(git, repository, commit, parts);
  if (entry === null) throw noSuchPath(parts);
  const place = { commit, path: showPath(joinPath(parts)) };
  if (entry.kind === "submodule") return { kind: "submodule", ...place, submodule: entry.object };
  if (entry.kind === "folder") {
    return { kind: "folder", ...place, ...(await readFolder(git, repository, entry.object, parts)) };
  }
  if (entry.kind === "symlink") {
    const target = await readBlobStart(git, repository, entry.object, LINK_MAX_BYTES);
    return { kind: "symlink", ...place, target: showName(target) };
  }
  const sizeBytes = await sizeOfBlob(git, repository, entry.object);
  const start = await readBlobStart(git, repository, entry.object, FILE_TEXT_MAX_BYTES);
  const truncated = sizeBytes > start.byteLength;
  const file = { kind: "file" as const, ...place, isExecutable: entry.isExecutable, sizeBytes };
  if (isBinary(start)) return { ...file, isBinary: true, text: null, truncated: false };
  // As a stream, so that a character which the limit cuts in two is left out.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(start, { stream: truncated });
  return { ...file, isBinary: false, text, truncated };
}

async function readFolder(
  git: Git,
  repository: string,
  tree: string,
  parts: readonly Uint8Array[],
): Promise<{ entries: TreeEntry[]; truncated: boolean }> {
  const entries: TreeEntry[] = [];
  for await (const entry of entriesOf(git, repository, tree, { withSizes: true })) {
    if (entries.length === TREE_MAX_ENTRIES) return { entries, truncated: true };
    entries.push({
      name: showName(entry.name),
      path: showPath(joinPath([...parts, entry.name])),
      kind: entry.kind,
      isExecutable: entry.isExecutable,
      sizeBytes: entry.sizeBytes,
    });
  }
  return { entries, truncated: false };
}
