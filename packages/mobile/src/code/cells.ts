import { isInvisible, nameOf } from "./invisible.ts";

export const TAB = 4;

/** Each of its characters takes one cell. */
export const PLAIN = /^[\x20-\x7e]*$/;

/** How many cells wide a line is, with its invisible characters written out. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += widthOf(character, cells);
  return cells;
}

/** How many cells a character takes that begins after so many of them. */
export function widthOf(character: string, cells: number): number {
  if (character === "\t") return TAB - (cells % TAB);
  const code = character.codePointAt(0) ?? 0;
  if (isInvisible(code)) return nameOf(code).length;
  if (code >= 0x300 && code <= 0x36f) return 0;
  return isWide(code) ? 2 : 1;
}

/** East Asian characters and pictures take two cells. */
const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0xffe0 && code <= 0xffe6) ||
  (code >= 0x1f300 && code <= 0x1faff) ||
  (code >= 0x20000 && code <= 0x3fffd);
