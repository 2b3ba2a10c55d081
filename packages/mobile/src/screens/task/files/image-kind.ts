const KINDS: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
};

/** Most of a picture that is shown, in bytes. */
export const IMAGE_MAX_BYTES = 8 * 1024 * 1024;

/** By a file's name. Null for what is no picture that every platform shows; SVG is shown as the text that it is. */
export const imageKindOf = (path: string): string | null =>
  KINDS[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? null;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64, on every platform alike. */
export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    piece += LETTERS.charAt(bits >> 18) + LETTERS.charAt((bits >> 12) & 63);
    piece += b === undefined ? "=" : LETTERS.charAt((bits >> 6) & 63);
    piece += c === undefined ? "=" : LETTERS.charAt(bits & 63);
    if (piece.length > 8_192) {
      pieces.push(piece);
      piece = "";
    }
  }
  return pieces.join("") + piece;
}
