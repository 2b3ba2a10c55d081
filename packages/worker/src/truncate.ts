const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Truncated {
  text: string;
  /** Bytes of the input that are not in `text`; 0 when nothing was cut. */
  cutBytes: number;
}

/**
 * Shortens a text to at most `maxBytes` of UTF-8. Its head and its tail are kept and a line in between says how
 * many bytes are gone. Cuts between characters, never inside one. Where not even that line fits, only the head
 * is kept. Unpaired surrogates become U+FFFD, because the Messages API refuses them.
 */
export function truncate(text: string, maxBytes: number): Truncated {
  const wellFormed = text.toWellFormed();
  const bytes = encoder.encode(wellFormed);
  if (bytes.length <= maxBytes) return { text: wellFormed, cutBytes: 0 };

  const room = maxBytes - encoder.encode(marker(bytes.length)).length;
  if (room <= 0) {
    const headEnd = characterStart(bytes, maxBytes);
    return { text: decode(bytes, 0, headEnd), cutBytes: bytes.length - headEnd };
  }
  const headEnd = characterStart(bytes, Math.ceil(room / 2));
  let tailStart = bytes.length - Math.floor(room / 2);
  while (tailStart < bytes.length && isContinuation(bytes[tailStart])) tailStart += 1;
  const cutBytes = tailStart - headEnd;
  return {
    text: decode(bytes, 0, headEnd) + marker(cutBytes) + decode(bytes, tailStart, bytes.length),
    cutBytes,
  };
}

/** The line that stands where bytes are missing. */
export function marker(cutBytes: number): string {
  return `\n[… ${cutBytes} bytes cut here …]\n`;
}

/** The last start of a character at or before `index`. */
function characterStart(bytes: Uint8Array, index: number): number {
  let start = index;
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  return start;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
