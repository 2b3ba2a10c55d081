import type { ReviewComment } from "@farhand/client/app";
import type { DiffFile } from "./diff-file.ts";
import type { DiffLine } from "./parse-patch.ts";

export type Side = ReviewComment["side"];

/** Lines of one side of one file's diff. */
export interface Selection {
  path: string;
  side: Side;
  /** First and last, both included. `from` is where the reader began. */
  from: number;
  to: number;
}

/** The side that a line stands for where both are in one column. */
export const sideOf = (line: DiffLine): Side => (line.type === "removed" ? "old" : "new");

export const numberOn = (line: DiffLine, side: Side): number | null =>
  side === "old" ? line.oldLine : line.newLine;

export const firstOf = ({ from, to }: Selection): number => Math.min(from, to);
export const lastOf = ({ from, to }: Selection): number => Math.max(from, to);

/** A line was pressed: another one of the same side makes a range, the only one is let go. */
export function press(before: Selection | null, path: string, side: Side, line: number): Selection | null {
  const isSame = before !== null && before.path === path && before.side === side;
  if (!isSame) return { path, side, from: line, to: line };
  if (before.from === line && before.to === line) return null;
  return { ...before, to: line };
}

export const isSelected = (
  selection: Selection | null,
  path: string,
  side: Side,
  line: number | null,
): boolean =>
  selection !== null &&
  line !== null &&
  selection.path === path &&
  selection.side === side &&
  line >= firstOf(selection) &&
  line <= lastOf(selection);

/** The numbers of one side that the diff shows of a file, in order. */
export const numbersOf = (file: DiffFile, side: Side): number[] =>
  file.hunks.flatMap(({ lines }) => lines.map((line) => numberOn(line, side)).filter((it) => it !== null));

/** Moves the end of the selection by lines that the diff shows. */
export function moved(selection: Selection, file: DiffFile, by: 1 | -1): Selection {
  const numbers = numbersOf(file, selection.side);
  const to = numbers[numbers.indexOf(selection.to) + by];
  return to === undefined ? selection : { ...selection, to };
}

/** The lines themselves, for the comment's quote. */
export function quoteOf(file: DiffFile, { side, ...range }: Selection): string {
  const [first, last] = [firstOf({ side, ...range }), lastOf({ side, ...range })];
  return file.hunks
    .flatMap(({ lines }) => lines)
    .filter((line) => {
      const number = numberOn(line, side);
      return number !== null && number >= first && number <= last;
    })
    .map(({ text }) => text)
    .join("\n");
}
