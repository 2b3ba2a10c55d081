import { isUtf8 } from "node:buffer";
import { type FarhandError, failure } from "../domain/failure.ts";

/** No system holds a file under a longer path. */
export const PATH_MAX_BYTES = 4096;

const SLASH = 0x2f;

/**
 * A path, or a part of one, as clients see it and give it back: UTF-8, but for bytes that are none, which stand as
 * `%XX`, and for `%` itself, which stands as `%25`. {@link parsePath} turns it back into the same bytes.
 */
export function showPath(bytes: Uint8Array): string {
  return piecesOf(bytes)
    .map((piece) => (typeof piece === "number" ? percent(piece) : piece.replaceAll("%", "%25")))
    .join("");
}

/** A name to be read only: a `%` is left as it is, so that two odd names may look the same. */
export function showName(bytes: Uint8Array): string {
  return piecesOf(bytes)
    .map((piece) => (typeof piece === "number" ? percent(piece) : piece))
    .join("");
}

/**
 * The parts of a path that a client gave; none for the root. Throws `invalid_request` for a path that no tree can
 * hold, however it is written.
 */
export function parsePath(path: string): Uint8Array[] {
  if (path === "") return [];
  const bytes = bytesOf(path);
  if (bytes.byteLength > PATH_MAX_BYTES) throw invalidPath(`it is longer than ${PATH_MAX_BYTES} bytes`);
  if (bytes.includes(0)) throw invalidPath("it has a NUL");
  const parts: Uint8Array[] = [];
  for (let start = 0; start <= bytes.byteLength; ) {
    const slash = bytes.indexOf(SLASH, start);
    const end = slash < 0 ? bytes.byteLength : slash;
    const part = bytes.subarray(start, end);
    if (part.byteLength === 0) throw invalidPath("a part of it is empty");
    if (part.every((byte) => byte === 0x2e) && part.byteLength <= 2) {
      throw invalidPath("a part of it is . or ..");
    }
    parts.push(part);
    start = end + 1;
  }
  return parts;
}

export function joinPath(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts.flatMap((part, n) => (n === 0 ? [part] : [Uint8Array.of(SLASH), part])));
}

/** Whether `path` is `folder` itself or lies in it. */
export function isWithin(folder: Uint8Array, path: Uint8Array): boolean {
  const length = folder.byteLength;
  if (path.byteLength !== length && path[length] !== SLASH) return false;
  return Buffer.compare(folder, path.subarray(0, length)) === 0;
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Runs of UTF-8 as text, and each byte that belongs to none as its number. */
function piecesOf(bytes: Uint8Array): (string | number)[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return [buffer.toString("utf8")];
  const pieces: (string | number)[] = [];
  for (let at = 0; at < buffer.byteLength; ) {
    const byte = buffer[at] ?? 0;
    const character = buffer.subarray(at, at + characterLength(byte));
    if (isUtf8(character)) {
      pieces.push(character.toString("utf8"));
      at += character.byteLength;
    } else {
      pieces.push(byte);
      at++;
    }
  }
  return pieces;
}

function characterLength(firstByte: number): number {
  if (firstByte < 0x80) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

function bytesOf(path: string): Buffer {
  const [first = "", ...rest] = path.split("%");
  const pieces = [Buffer.from(first, "utf8")];
  for (const piece of rest) {
    const code = /^[0-9a-fA-F]{2}/.exec(piece)?.[0];
    if (code === undefined)
      throw invalidPath("a % stands in it that is not followed by two hexadecimal digits");
    pieces.push(Buffer.from(code, "hex"), Buffer.from(piece.slice(2), "utf8"));
  }
  return Buffer.concat(pieces);
}

function invalidPath(reason: string): FarhandError {
  return failure(
    "invalid_request",
    `The path cannot be one of a file: ${reason}.`,
    "Give a path as the listing of its folder has it, such as src/main.ts; nothing for the root.",
  );
}
