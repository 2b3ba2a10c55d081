import type { FoundLine } from "@farhand/protocol";

/** What stands before the first place at most, in UTF-16 units: on a phone the place has to be in sight. */
const MOST_BEFORE = 24;

export interface FoundPiece {
  text: string;
  isFound: boolean;
}

/** A found line for a narrow screen: without its indentation, and begun shortly before the first place. */
export function foundPieces({ text, places, isCutBefore, isCutAfter }: FoundLine): FoundPiece[] {
  const first = places[0]?.start ?? 0;
  const indentation = Math.min(/^\s*/.exec(text)?.[0].length ?? 0, first);
  const from = first - indentation > MOST_BEFORE ? beginOf(text, first) : indentation;
  const pieces: FoundPiece[] = [];
  const put = (piece: string, isFound: boolean) => {
    if (piece !== "") pieces.push({ text: piece, isFound });
  };
  let at = from;
  put(from > indentation || isCutBefore ? "…" : "", false);
  for (const { start, end } of places) {
    put(text.slice(at, start), false);
    put(text.slice(start, end), true);
    at = end;
  }
  put(`${text.slice(at).trimEnd()}${isCutAfter ? "…" : ""}`, false);
  return pieces;
}

/** Where to begin before a place that lies far in: at a word where one begins, and within no character. */
function beginOf(text: string, first: number): number {
  const from = first - MOST_BEFORE;
  const blank = /\s+/.exec(text.slice(from, first - 1));
  if (blank) return from + blank.index + blank[0].length;
  return /[\udc00-\udfff]/.test(text.charAt(from)) ? from + 1 : from;
}
