/**
 * Characters that show nothing, look like a space, or turn the order of what is read: first and last of each range. Whoever
 * reviews a change has to see them, since they can hide what code does.
 */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0a, 0x1f],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xe000, 0xf8ff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xe0000, 0xe0fff],
  [0xf0000, 0x10ffff],
];

const CARRIAGE_RETURN = 0x0d;
const ESCAPE = 0x1b;

/** @param code point of the character */
export const isInvisible = (code: number): boolean =>
  RANGES.some(([first, last]) => code >= first && code <= last);

/** What stands in its place, such as `U+202E`. */
export function nameOf(code: number): string {
  if (code === CARRIAGE_RETURN) return "CR";
  if (code === ESCAPE) return "ESC";
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** For names and other short texts: the same in one string. */
export function visible(text: string): string {
  let shown = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    shown += code === 0x09 || isInvisible(code) ? `⟨${code === 0x09 ? "TAB" : nameOf(code)}⟩` : character;
  }
  return shown;
}

export const hasInvisible = (text: string): boolean => {
  for (const character of text) if (isInvisible(character.codePointAt(0) ?? 0)) return true;
  return false;
};
