import type { FileKind } from "@farhand/protocol";
import { type FarhandError, failure } from "../domain/failure.ts";
import type { Git } from "./git.ts";
import { joinPath, showPath } from "./path-bytes.ts";

/** One line of a git tree. */
export interface Entry {
  name: Uint8Array;
  kind: FileKind;
  isExecutable: boolean;
  /** Id of the blob or tree, or the submodule's commit. */
  object: string;
  /** Null for folders and submodules, and where sizes were not asked for. */
  sizeBytes: number | null;
}

/** A folder's entries in git's order. `treeish` is an id of a tree or a commit. */
export async function* entriesOf(
  git: Git,
  repository: string,
  treeish: string,
  options: { withSizes: boolean },
): AsyncGenerator<Entry, void> {
  const args = ["ls-tree", "-z", ...(options.withSizes ? ["-l"] : []), treeish];
  for await (const record of git.records({ repository, args })) yield parseEntry(record);
}

/**
 * What stands at a path of a commit; null where nothing does. Goes from folder to folder, never through a link, and
 * compares names as bytes.
 */
export async function findEntry(
  git: Git,
  repository: string,
  commit: string,
  parts: readonly Uint8Array[],
): Promise<Entry | null> {
  let found: Entry = {
    name: new Uint8Array(),
    kind: "folder",
    isExecutable: false,
    object: commit,
    sizeBytes: null,
  };
  for (const part of parts) {
    if (found.kind !== "folder") return null;
    const next = await entryNamed(git, repository, found.object, part);
    if (next === null) return null;
    found = next;
  }
  return found;
}

export function noSuchPath(parts: readonly Uint8Array[]): FarhandError {
  return failure(
    "not_found",
    `There is no ${JSON.stringify(showPath(joinPath(parts)))} in this state of the files.`,
    "List the folder above it to see what is there. A path through a link or a submodule leads nowhere.",
  );
}

async function entryNamed(
  git: Git,
  repository: string,
  tree: string,
  name: Uint8Array,
): Promise<Entry | null> {
  for await (const entry of entriesOf(git, repository, tree, { withSizes: false })) {
    if (Buffer.compare(entry.name, name) === 0) return entry;
  }
  return null;
}

/** `<mode> <type> <object>[ <size>]\t<name>`, where the size is padded and `-` for what has none. */
function parseEntry(record: Uint8Array): Entry {
  const tab = record.indexOf(0x09);
  const header = Buffer.from(record.subarray(0, Math.max(tab, 0))).toString("latin1");
  const [mode = "", , object, size] = header.split(/ +/);
  if (object === undefined) throw new Error(`git ls-tree wrote a line that is not understood: ${header}`);
  return {
    name: record.subarray(tab + 1),
    kind: kindOf(mode),
    isExecutable: mode.startsWith("100") && (Number.parseInt(mode, 8) & 0o100) !== 0,
    object,
    sizeBytes: size === undefined || size === "-" ? null : Number(size),
  };
}

function kindOf(mode: string): FileKind {
  if (mode === "040000") return "folder";
  if (mode === "120000") return "symlink";
  if (mode === "160000") return "submodule";
  return "file";
}
