import type { Token, TokenKind } from "./highlight.ts";
import { isInvisible, nameOf } from "./invisible.ts";

/** A range of a line, in UTF-16 units, the end not included. */
export interface Span {
  start: number;
  end: number;
}

/** A piece that looks the same throughout. */
export interface Segment {
  text: string;
  kind: TokenKind | null;
  /** The name of what cannot be seen. */
  isName: boolean;
  isChanged: boolean;
  /** `here`: the one that the reader is at. */
  found: "yes" | "here" | null;
}

export interface LineOptions {
  /** How many cells of the typewriter font fit beside each other; 0 does not break lines. */
  columns: number;
  showWhitespace: boolean;
  changed?: Span | null;
  found?: readonly (Span & { isHere: boolean })[];
}

export const TAB = 4;

const PLAIN = /^[\x20-\x7e]*$/;

/** How many cells wide a line is, with its invisible characters written out. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += widthOf(character, cells);
  return cells;
}

/** How many lines of the screen a line takes. */
export function heightInLines(text: string, columns: number): number {
  if (columns <= 0) return 1;
  if (PLAIN.test(text)) return Math.max(1, Math.ceil(text.length / columns));
  let lines = 1;
  let used = 0;
  let cells = 0;
  for (const character of text) {
    const width = widthOf(character, cells);
    if (used + width > columns && used > 0) {
      lines += 1;
      used = 0;
    }
    used += width;
    cells += width;
  }
  return lines;
}

/** Breaks a line into lines of the screen. Nothing of it is left out. */
export function layOut(tokens: readonly Token[], options: LineOptions): Segment[][] {
  const { columns, showWhitespace, changed, found = [] } = options;
  const lines: Segment[][] = [[]];
  let used = 0;
  let cells = 0;
  let at = 0;
  for (const { text, kind } of tokens)
    for (const character of text) {
      const width = widthOf(character, cells);
      if (columns > 0 && used + width > columns && used > 0) {
        lines.push([]);
        used = 0;
      }
      const hit = found.find((span) => at >= span.start && at < span.end);
      const isName = character !== "\t" && isInvisible(character.codePointAt(0) ?? 0);
      put(lines.at(-1) ?? [], {
        text: shownAs(character, width, showWhitespace),
        kind,
        isName,
        isChanged: changed ? at >= changed.start && at < changed.end : false,
        found: hit ? (hit.isHere ? "here" : "yes") : null,
      });
      used += width;
      cells += width;
      at += character.length;
    }
  return lines;
}

function put(line: Segment[], next: Segment): void {
  const last = line.at(-1);
  const isSame =
    last &&
    !next.isName &&
    !last.isName &&
    last.kind === next.kind &&
    last.isChanged === next.isChanged &&
    last.found === next.found;
  if (isSame) last.text += next.text;
  else line.push(next);
}

function shownAs(character: string, width: number, showWhitespace: boolean): string {
  if (character === "\t") return showWhitespace ? `→${" ".repeat(width - 1)}` : " ".repeat(width);
  if (character === " ") return showWhitespace ? "·" : " ";
  const code = character.codePointAt(0) ?? 0;
  return isInvisible(code) ? nameOf(code) : character;
}

function widthOf(character: string, cells: number): number {
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
