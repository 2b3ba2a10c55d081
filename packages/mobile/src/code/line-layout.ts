import { widthOf } from "./cells.ts";
import type { Token, TokenKind } from "./highlight.ts";
import { isInvisible, nameOf } from "./invisible.ts";
import { breaksOf } from "./line-breaks.ts";

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

/** Breaks a line into lines of the screen. Nothing of it is left out. */
export function layOut(tokens: readonly Token[], options: LineOptions): Segment[][] {
  const { columns, showWhitespace, changed, found = [] } = options;
  const lines: Segment[][] = [[]];
  const breaks = breaksOf(tokens.map(({ text }) => text).join(""), columns);
  let cells = 0;
  let at = 0;
  for (const { text, kind } of tokens)
    for (const character of text) {
      const width = widthOf(character, cells);
      if (at === breaks[lines.length - 1]) lines.push([]);
      const hit = found.find((span) => at >= span.start && at < span.end);
      const isName = character !== "\t" && isInvisible(character.codePointAt(0) ?? 0);
      put(lines.at(-1) ?? [], {
        text: shownAs(character, width, showWhitespace),
        kind,
        isName,
        isChanged: changed ? at >= changed.start && at < changed.end : false,
        found: hit ? (hit.isHere ? "here" : "yes") : null,
      });
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
