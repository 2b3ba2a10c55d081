import type { FoundLine } from "@farhand/protocol";
import type { GrepRecord } from "./grep-records.ts";

const CR = 0x0d;

/** What is looked for, as bytes. */
export interface Needle {
  bytes: Uint8Array;
  ignoresCase: boolean;
}

/** A text without a capital letter is looked for whatever the case is. */
export function needleOf(text: string): Needle {
  return { bytes: Buffer.from(text, "utf8"), ignoresCase: !/\p{Lu}/u.test(text) };
}

/** A line with all places in it that are seen. */
export function foundLine(record: GrepRecord, needle: Needle): FoundLine {
  const { line, isCutBefore, isCutAfter } = record;
  const bytes = wholeCharacters(record);
  let text = "";
  let at = 0;
  const places: FoundLine["places"] = [];
  for (const from of placesIn(bytes, needle)) {
    const to = from + needle.bytes.byteLength;
    text += decoded(bytes.subarray(at, from));
    const start = text.length;
    text += decoded(bytes.subarray(from, to));
    places.push({ start, end: text.length });
    at = to;
  }
  text += decoded(bytes.subarray(at));
  return { line, text, isCutBefore, isCutAfter, places };
}

/** Without the bytes of a character that a cut has split, and without the CR before a line break. */
function wholeCharacters({ bytes, isCutBefore, isCutAfter }: GrepRecord): Uint8Array {
  let from = 0;
  let to = bytes.byteLength;
  if (isCutBefore) while (from < 3 && isContinuation(bytes[from])) from++;
  if (!isCutAfter) return bytes.subarray(from, bytes[to - 1] === CR ? to - 1 : to);
  // At most three bytes of a last character are there without the fourth.
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[to - back] ?? 0;
    if (isContinuation(byte)) continue;
    if (byte >= 0xc0 && back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4)) to -= back;
    break;
  }
  return bytes.subarray(from, to);
}

const isContinuation = (byte: number | undefined) => byte !== undefined && byte >= 0x80 && byte < 0xc0;

function* placesIn(bytes: Uint8Array, needle: Needle): Generator<number, void> {
  const hay = Buffer.from(needle.ignoresCase ? small(bytes) : bytes);
  const wanted = needle.ignoresCase ? small(needle.bytes) : needle.bytes;
  for (let at = hay.indexOf(wanted); at >= 0; at = hay.indexOf(wanted, at + wanted.byteLength)) yield at;
}

/** As git does it in the C locale: the letters of ASCII alone. */
const small = (bytes: Uint8Array) => bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
