const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Uint8Array(128);
for (const [value, letter] of [...LETTERS].entries()) VALUES[letter.charCodeAt(0)] = value;

/** Three bytes at a time, in runs that a call of `fromCharCode` takes. */
const RUN_BYTES = 3 * 4096;

/** In a way that every engine has: React Native's has neither `Buffer` nor `toBase64`. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += RUN_BYTES) {
    const run = bytes.subarray(from, from + RUN_BYTES);
    const codes: number[] = [];
    for (let at = 0; at < run.length; at += 3) {
      const [a = 0, b = 0, c = 0] = [run[at], run[at + 1], run[at + 2]];
      const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63];
      const known = Math.min(4, run.length - at + 1);
      for (let index = 0; index < 4; index++)
        codes.push(index < known ? LETTERS.charCodeAt(four[index] ?? 0) : 61);
    }
    parts.push(String.fromCharCode(...codes));
  }
  return parts.join("");
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const value = (at: number) => VALUES[text.charCodeAt(at) & 127] ?? 0;
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    const bits = (value(at) << 18) | (value(at + 1) << 12) | (value(at + 2) << 6) | value(at + 3);
    bytes[to] = bits >> 16;
    if (to + 1 < bytes.length) bytes[to + 1] = (bits >> 8) & 255;
    if (to + 2 < bytes.length) bytes[to + 2] = bits & 255;
  }
  return bytes;
}
