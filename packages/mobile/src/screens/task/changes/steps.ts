import type { DiffRow } from "./rows.ts";
import { type Selection, sideOf } from "./selection.ts";

/** Lines beside each other that changed, and the row where they begin. */
export interface Change {
  row: number;
  lines: Selection;
}

/** Every run of changed lines that is unfolded, in order: by its new lines where it has any, by its removed ones otherwise. */
export function changesOf(rows: readonly DiffRow[]): Change[] {
  const changes: Change[] = [];
  let begin = -1;
  let found: Record<"old" | "new", number[]> = { old: [], new: [] };
  const end = (path: string) => {
    const side = found.new.length > 0 ? "new" : "old";
    const [from, to] = [found[side][0], found[side].at(-1)];
    if (from !== undefined && to !== undefined) changes.push({ row: begin, lines: { path, side, from, to } });
    begin = -1;
    found = { old: [], new: [] };
  };
  for (const [index, row] of rows.entries()) {
    // A comment stands between lines and parts none.
    if (row.kind === "comment") continue;
    const lines = changedIn(row);
    if (lines.length === 0 && begin >= 0) end(rows[begin]?.file.path ?? "");
    if (lines.length > 0 && begin < 0) begin = index;
    for (const { side, number } of lines) found[side].push(number);
  }
  if (begin >= 0) end(rows[begin]?.file.path ?? "");
  return changes;
}

function changedIn(row: DiffRow): { side: "old" | "new"; number: number }[] {
  const lines = row.kind === "line" ? [row.line] : row.kind === "pair" ? [row.old?.line, row.new?.line] : [];
  return lines.flatMap((line) => {
    if (!line || line.type === "context") return [];
    const side = sideOf(line);
    const number = side === "old" ? line.oldLine : line.newLine;
    return number === null ? [] : [{ side, number }];
  });
}

/** Where one gets from the chosen lines; from the row at the top where there are none, or none that changed. */
export function stepFrom(
  changes: readonly Change[],
  selection: Selection | null,
  topRow: number,
  by: 1 | -1,
): Change | null {
  const here = changes.findIndex(
    ({ lines }) =>
      selection !== null &&
      lines.path === selection.path &&
      lines.side === selection.side &&
      lines.from <= Math.max(selection.from, selection.to) &&
      lines.to >= Math.min(selection.from, selection.to),
  );
  if (here >= 0) return changes[here + by] ?? null;
  const next = changes.findIndex(({ row }) => row >= topRow);
  const at = by === 1 ? next : (next < 0 ? changes.length : next) - 1;
  return changes[at] ?? null;
}
