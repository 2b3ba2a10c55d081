import { PATH_MAX_BYTES } from "./path-bytes.ts";

/** What is kept of a line before the place that was found, where the line is long. */
const BEFORE_BYTES = 60;
/** A line whose first place begins no later is shown from its start. */
const EARLY_BYTES = 120;
/** What is kept of a line at most, but for a place that is longer. */
const LINE_BYTES = 320;

/** One line that `git grep -z --line-number --column` tells of. */
export interface GrepRecord {
  /** Null where it is longer than a path may be. */
  path: Uint8Array | null;
  /** From 1. */
  line: number;
  /** The line, or a part of it around the first place. */
  bytes: Uint8Array;
  isCutBefore: boolean;
  isCutAfter: boolean;
}

const NUL = 0x00;
const LF = 0x0a;
/** `<commit>:<path>`, line, column and the line's text, each with what ends it. */
const ENDS = [NUL, NUL, NUL, LF];

/**
 * Reads what `git grep` writes about one commit. Of a line and of a path no more is held than is kept, however long they
 * are; a record that is cut off by the end of the output is left out.
 */
export async function* grepRecords(
  output: AsyncIterable<Uint8Array>,
  commit: string,
  placeBytes: number,
): AsyncGenerator<GrepRecord, void> {
  const prefixBytes = commit.length + 1;
  const head = { from: 0, to: prefixBytes + PATH_MAX_BYTES };
  let window = head;
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  let path: Uint8Array | null = null;
  let line = 0;
  let field = 0;
  for await (const chunk of output) {
    for (let at = 0; at < chunk.byteLength; ) {
      const end = chunk.indexOf(ENDS[field] ?? LF, at);
      const to = end < 0 ? chunk.byteLength : end;
      const kept = chunk.slice(
        Math.max(at, at + window.from - sizeBytes),
        Math.max(at, Math.min(to, at + window.to - sizeBytes)),
      );
      if (kept.byteLength > 0) pieces.push(kept);
      sizeBytes += to - at;
      at = to + 1;
      if (end < 0) break;
      const bytes = Buffer.concat(pieces);
      if (field === 0) path = sizeBytes > head.to ? null : bytes.subarray(prefixBytes);
      else if (field === 1) line = Number(bytes.toString("latin1"));
      else if (field === 2) window = windowAround(Number(bytes.toString("latin1")) - 1, placeBytes);
      else {
        yield { path, line, bytes, isCutBefore: window.from > 0, isCutAfter: sizeBytes > window.to };
        window = head;
      }
      field = (field + 1) % ENDS.length;
      pieces = [];
      sizeBytes = 0;
    }
  }
}

/** Which bytes of a line are kept when the first place in it begins at `start`. */
function windowAround(start: number, placeBytes: number): { from: number; to: number } {
  const from = start <= EARLY_BYTES ? 0 : start - BEFORE_BYTES;
  return { from, to: Math.max(from + LINE_BYTES, start + placeBytes + BEFORE_BYTES) };
}
