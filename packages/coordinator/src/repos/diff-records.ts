import type { ChangedFile } from "@farhand/protocol";

/** How one file changed, of `--raw`. */
export interface Change {
  type: "change";
  path: Uint8Array;
  status: ChangedFile["status"];
  /** The path before, of a renamed or copied file. */
  oldPath: Uint8Array | null;
}

/** How many lines of one file changed, of `--numstat`; null for a binary file. */
export interface Count {
  type: "count";
  path: Uint8Array;
  insertions: number | null;
  deletions: number | null;
}

const statuses: Record<string, ChangedFile["status"]> = {
  A: "added",
  C: "copied",
  D: "deleted",
  M: "modified",
  R: "renamed",
  T: "type_changed",
};

const COLON = 0x3a;
const TAB = 0x09;

/** Reads what `git diff -z` writes with `--raw`, `--numstat` or both. */
export async function* parseDiff(records: AsyncIterable<Uint8Array>): AsyncGenerator<Change | Count, void> {
  const source = records[Symbol.asyncIterator]();
  try {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      yield next.value[0] === COLON
        ? await parseChange(next.value, source)
        : await parseCount(next.value, source);
    }
  } finally {
    await source.return?.();
  }
}

/** `:<mode> <mode> <object> <object> <status>`, and in records of their own the path, or the old and the new one. */
async function parseChange(header: Uint8Array, source: AsyncIterator<Uint8Array>): Promise<Change> {
  const letter = latin1(header).split(" ")[4]?.[0] ?? "";
  const status = statuses[letter];
  if (status === undefined)
    throw new Error(`git diff told of a change of an unknown kind: ${latin1(header)}`);
  const hasTwo = status === "renamed" || status === "copied";
  const oldPath = hasTwo ? await following(source) : null;
  return { type: "change", path: await following(source), status, oldPath };
}

/** `<lines>\t<lines>\t<path>`; without a path there when the old and the new one follow in records of their own. */
async function parseCount(record: Uint8Array, source: AsyncIterator<Uint8Array>): Promise<Count> {
  const second = record.indexOf(TAB, record.indexOf(TAB) + 1);
  const match = /^(\d+|-)\t(\d+|-)$/.exec(latin1(record.subarray(0, Math.max(second, 0))));
  if (match === null) throw new Error(`git diff counted in a way that is not understood: ${latin1(record)}`);
  let path = record.subarray(second + 1);
  if (path.byteLength === 0) {
    await following(source);
    path = await following(source);
  }
  return { type: "count", path, insertions: countOf(match[1]), deletions: countOf(match[2]) };
}

async function following(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const next = await source.next();
  if (next.done) throw new Error("git diff ended in the middle of a file");
  return next.value;
}

function countOf(text: string | undefined): number | null {
  return text === "-" ? null : Number(text);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
