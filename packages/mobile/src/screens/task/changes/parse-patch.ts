export interface DiffLine {
  type: "context" | "added" | "removed";
  text: string;
  /** From 1; null where the line is not in that state of the file. */
  oldLine: number | null;
  newLine: number | null;
  /** The file ends here without a line break. */
  isUnended: boolean;
  /** Only blanks differ from the line before the change: shown as one, by the reader's wish. */
  isBlankChange: boolean;
}

export interface Hunk {
  oldStart: number;
  newStart: number;
  /** What git found to stand above it, such as a function's name. */
  heading: string;
  lines: readonly DiffLine[];
  /** Lines are missing at its end: the server gives a part of very large diffs. */
  isCut: boolean;
}

/** One file's part of a unified diff. */
export interface FilePatch {
  /** As git writes it, without its quotes; null where it could not be told. */
  path: string | null;
  isBinary: boolean;
  oldMode: string | null;
  newMode: string | null;
  /** Git's ids of both contents, shortened; null where the patch names none. */
  oldBlob: string | null;
  newBlob: string | null;
  hunks: readonly Hunk[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/**
 * Reads what `git diff` writes. A hunk's own counts say which lines are its lines, so that no line of a file is taken for a
 * header. What is not understood throws, as a part that is left out would be a change that nobody sees.
 */
export function parsePatch(text: string): FilePatch[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const files: FilePatch[] = [];
  let at = 0;
  while (at < lines.length) {
    const first = lines[at] ?? "";
    if (!first.startsWith("diff --git "))
      throw new Error(`a diff has a line out of place: ${first.slice(0, 80)}`);
    const read = readFile(lines, at);
    files.push(read.file);
    at = read.next;
  }
  return files;
}

function readFile(lines: readonly string[], start: number): { file: FilePatch; next: number } {
  let at = start + 1;
  let path: string | null = bothSame(lines[start]?.slice("diff --git ".length) ?? "");
  let oldMode: string | null = null;
  let newMode: string | null = null;
  let oldBlob: string | null = null;
  let newBlob: string | null = null;
  let isBinary = false;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("@@ ") || line.startsWith("diff --git ")) break;
    const [, key = "", value = ""] =
      /^(old mode|new mode|deleted file mode|new file mode|rename to|copy to|---|\+\+\+) (.*)$/.exec(line) ??
      [];
    if (key === "old mode" || key === "deleted file mode") oldMode = value;
    if (key === "new mode" || key === "new file mode") newMode = value;
    if (key === "rename to" || key === "copy to") path = unquoted(value);
    if (key === "---" || key === "+++") path = nameIn(value) ?? path;
    const blobs = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/.exec(line);
    if (blobs) [oldBlob, newBlob] = [blobs[1] ?? null, blobs[2] ?? null];
    if (line.startsWith("Binary files ") || line === "GIT binary patch") isBinary = true;
  }
  const hunks: Hunk[] = [];
  while (at < lines.length && (lines[at] ?? "").startsWith("@@ ")) {
    const read = readHunk(lines, at);
    hunks.push(read.hunk);
    at = read.next;
  }
  return { file: { path, isBinary, oldMode, newMode, oldBlob, newBlob, hunks }, next: at };
}

function readHunk(lines: readonly string[], start: number): { hunk: Hunk; next: number } {
  const header = lines[start] ?? "";
  const found = HUNK.exec(header);
  if (!found) {
    // Cut in the middle of the header itself: there is nothing behind it.
    if (start === lines.length - 1)
      return { hunk: { oldStart: 0, newStart: 0, heading: "", lines: [], isCut: true }, next: start + 1 };
    throw new Error(`a diff has a part that is not understood: ${header.slice(0, 80)}`);
  }
  const oldStart = Number(found[1]);
  const newStart = Number(found[3]);
  let oldLeft = Number(found[2] ?? 1);
  let newLeft = Number(found[4] ?? 1);
  let oldLine = oldStart;
  let newLine = newStart;
  const read: DiffLine[] = [];
  let at = start + 1;
  for (; at < lines.length && (oldLeft > 0 || newLeft > 0); at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("\\")) {
      markUnended(read);
      continue;
    }
    const text = line.slice(1);
    const usual = { text, isUnended: false, isBlankChange: false };
    if (line[0] === "+") {
      read.push({ ...usual, type: "added", oldLine: null, newLine: newLine++ });
      newLeft -= 1;
    } else if (line[0] === "-") {
      read.push({ ...usual, type: "removed", oldLine: oldLine++, newLine: null });
      oldLeft -= 1;
    } else if (line[0] === " " || line === "") {
      read.push({ ...usual, type: "context", oldLine: oldLine++, newLine: newLine++ });
      oldLeft -= 1;
      newLeft -= 1;
    } else throw new Error(`a diff has a line that is not understood: ${line.slice(0, 80)}`);
  }
  if ((lines[at] ?? "").startsWith("\\")) {
    markUnended(read);
    at += 1;
  }
  const isCut = oldLeft > 0 || newLeft > 0;
  return { hunk: { oldStart, newStart, heading: found[5] ?? "", lines: read, isCut }, next: at };
}

function markUnended(lines: DiffLine[]): void {
  const last = lines.pop();
  if (last) lines.push({ ...last, isUnended: true });
}

/** `a/x b/x`: the name where both are the same; what has two names says them in lines of their own. */
function bothSame(names: string): string | null {
  if (names.startsWith('"')) {
    const end = /^"(?:[^"\\]|\\.)*"/.exec(names)?.[0];
    return end ? unquoted(end).replace(/^a\//, "") : null;
  }
  const length = (names.length - 1) / 2;
  const [one, other] = [names.slice(0, length), names.slice(length + 1)];
  return Number.isInteger(length) && one.slice(2) === other.slice(2) ? one.slice(2) : null;
}

/** Git puts a tab behind names with blanks. */
function nameIn(value: string): string | null {
  const name = unquoted(value.replace(/\t$/, ""));
  return name === "/dev/null" ? null : name.replace(/^[ab]\//, "");
}

const ESCAPES: Record<string, string> = { a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r" };

/** Undoes git's quotes: `"a\tb"`, with bytes as `\302`. */
function unquoted(value: string): string {
  if (!value.startsWith('"') || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replace(/((?:\\[0-7]{3})+)|\\(.)/g, (_whole, bytes: string | undefined, letter: string) =>
      bytes ? decoded(bytes.match(/[0-7]{3}/g) ?? []) : (ESCAPES[letter] ?? letter),
    );
}

function decoded(octets: readonly string[]): string {
  const percents = octets
    .map((octet) => `%${Number.parseInt(octet, 8).toString(16).padStart(2, "0")}`)
    .join("");
  try {
    return decodeURIComponent(percents);
  } catch {
    // Bytes that are no UTF-8 are in no name that the server tells of; the file is found by its place.
    return percents;
  }
}
