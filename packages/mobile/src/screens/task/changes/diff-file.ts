import type { ChangedFile, TaskDiff } from "@farhand/protocol";
import { type FilePatch, type Hunk, parsePatch } from "./parse-patch.ts";

/** A file that changed, with its lines as far as they came. */
export interface DiffFile extends ChangedFile {
  isBinary: boolean;
  oldMode: string | null;
  newMode: string | null;
  /** Git's ids of both contents, shortened; null where they are not known. */
  oldBlob: string | null;
  newBlob: string | null;
  hunks: readonly Hunk[];
  /** Lines of it are missing, as the whole diff was too large: the file's own can be asked for. */
  isPartial: boolean;
  /** Asked for alone, it was too large all the same. */
  isTooLarge: boolean;
  /** Changes with what the file's diff looks like; a viewed mark holds for it alone. */
  fingerprint: string;
}

/** Puts the diff's text to the files that the server lists. */
export function filesOf(diff: Pick<TaskDiff, "files" | "text" | "truncated">): DiffFile[] {
  const patches = patchesByPath(diff.files, parsePatch(wholeLines(diff)));
  return diff.files.map((file) => {
    const parts = patches.get(file.path) ?? [];
    const hunks = parts.flatMap((part) => part.hunks);
    const isBinary = parts.some((part) => part.isBinary) || (file.insertions === null && parts.length > 0);
    const has = (type: string) =>
      hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.type === type).length, 0);
    return {
      ...file,
      isBinary,
      oldMode: parts[0]?.oldMode ?? null,
      newMode: parts.at(-1)?.newMode ?? null,
      oldBlob: parts[0]?.oldBlob ?? null,
      newBlob: parts.at(-1)?.newBlob ?? null,
      hunks,
      isTooLarge: false,
      isPartial:
        diff.truncated &&
        !isBinary &&
        (has("added") < (file.insertions ?? 0) ||
          has("removed") < (file.deletions ?? 0) ||
          parts.length === 0),
      fingerprint: fingerprintOf(file, hunks),
    };
  });
}

/** A text that was cut off ends in a piece of a line, which is none. */
function wholeLines({ text, truncated }: Pick<TaskDiff, "text" | "truncated">): string {
  return truncated ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
}

/** A file that became another kind of file has two parts. Odd names are found by their place: both are in one order. */
function patchesByPath(
  files: readonly ChangedFile[],
  patches: readonly FilePatch[],
): Map<string, FilePatch[]> {
  const known = new Set(files.map(({ path }) => path));
  const found = new Map<string, FilePatch[]>();
  let next = 0;
  for (const patch of patches) {
    const named = patch.path?.replaceAll("%", "%25") ?? "";
    const path = known.has(named) ? named : files[next]?.path;
    if (path === undefined) continue;
    found.set(path, [...(found.get(path) ?? []), patch]);
    next = files.findIndex((file) => file.path === path) + 1;
  }
  return found;
}

function fingerprintOf(file: ChangedFile, hunks: readonly Hunk[]): string {
  const lines = hunks.flatMap((hunk) => hunk.lines.map((line) => `${line.type[0]}${line.text}`));
  return hash(`${file.status}\n${file.oldPath}\n${file.insertions}\n${file.deletions}\n${lines.join("\n")}`);
}

/** FNV-1a in two halves: it tells states apart and guards nothing. */
function hash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + at), 0x01000193);
  }
  return (low >>> 0).toString(16).padStart(8, "0") + (high >>> 0).toString(16).padStart(8, "0");
}
