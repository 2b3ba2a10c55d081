import type { ReviewComment } from "@farhand/client/app";
import { heightInLines } from "../../../code/line-breaks.ts";
import { strings } from "../../../strings/strings.ts";
import { withoutBlankChanges } from "./blanks.ts";
import type { DiffFile } from "./diff-file.ts";
import { isOutdated } from "./outdated.ts";
import { pairsOf } from "./pairs.ts";
import type { DiffLine, Hunk } from "./parse-patch.ts";
import { numberOn, sideOf } from "./selection.ts";

/** Why there are no lines, or not all. */
export type Note = "binary" | "mode" | "moved" | "empty" | "partial" | "ended" | "elsewhere" | "blanks";

interface RowBase {
  key: string;
  file: DiffFile;
  /** In points. */
  height: number;
}

export type DiffRow =
  | (RowBase & { kind: "file"; isOpen: boolean })
  | (RowBase & { kind: "hunk"; hunk: Hunk })
  | (RowBase & { kind: "line"; hunk: Hunk; at: number; line: DiffLine; other: DiffLine | null })
  | (RowBase & { kind: "pair"; hunk: Hunk; old: Placed | null; new: Placed | null })
  | (RowBase & { kind: "note"; note: Note })
  | (RowBase & { kind: "comment"; comment: ReviewComment; isOutdated: boolean });

/** A line, and its place in its hunk. */
export interface Placed {
  line: DiffLine;
  at: number;
}

export interface RowOptions {
  isSplit: boolean;
  ignoreBlanks: boolean;
  /** Cells that fit beside the line numbers; of one side where there are two. */
  columns: number;
  lineHeight: number;
  /** By the comment's id, as it was measured. */
  commentHeights: ReadonlyMap<string, number>;
  isOpen: (file: DiffFile) => boolean;
}

export const FILE_HEIGHT = 57;
export const HUNK_HEIGHT = 28;
export const NOTE_HEIGHT = 56;
const COMMENT_HEIGHT = 112;

/** The whole review as one list, with the height of each row known before it is drawn. */
export function rowsOf(
  files: readonly DiffFile[],
  comments: readonly ReviewComment[],
  options: RowOptions,
): DiffRow[] {
  const byPath = grouped(comments);
  return files.flatMap((file) => {
    const isOpen = options.isOpen(file);
    const head: DiffRow = { kind: "file", key: file.path, file, height: FILE_HEIGHT, isOpen };
    return isOpen ? [head, ...bodyOf(file, byPath.get(file.path) ?? [], options)] : [head];
  });
}

function grouped(comments: readonly ReviewComment[]): Map<string, ReviewComment[]> {
  const map = new Map<string, ReviewComment[]>();
  for (const comment of comments) map.set(comment.path, [...(map.get(comment.path) ?? []), comment]);
  return map;
}

function bodyOf(file: DiffFile, comments: readonly ReviewComment[], options: RowOptions): DiffRow[] {
  const rows: DiffRow[] = [];
  const outdated = comments.filter((comment) => isOutdated(comment, file));
  const left = new Set(comments.filter((comment) => !outdated.includes(comment)));
  const note = (kind: Note) =>
    rows.push({ kind: "note", key: `${file.path}:${kind}`, file, note: kind, height: NOTE_HEIGHT });
  const addComments = (lines: readonly (DiffLine | null)[]) => {
    for (const comment of left) {
      const ends = lines.some((line) => line !== null && numberOn(line, comment.side) === comment.endLine);
      if (!ends) continue;
      left.delete(comment);
      rows.push(commentRow(file, comment, options));
    }
  };

  const kind = noteOf(file);
  if (kind) note(kind);
  for (const comment of outdated) rows.push(commentRow(file, comment, options, true));
  for (const [index, given] of file.hunks.entries()) {
    const hunk = options.ignoreBlanks ? withoutBlankChanges(given) : given;
    if (hunk.lines.every(({ type }) => type === "context") && hunk.lines.some((line) => line.isBlankChange)) {
      rows.push({
        kind: "note",
        key: `${file.path}:${index}:blanks`,
        file,
        note: "blanks",
        height: NOTE_HEIGHT,
      });
      continue;
    }
    const key = `${file.path}:${index}`;
    rows.push({ kind: "hunk", key, file, hunk, height: HUNK_HEIGHT });
    const places = new Map(hunk.lines.map((line, at) => [line, at]));
    const height = (text: string) => heightInLines(text, options.columns) * options.lineHeight;
    const pairs = pairsOf(hunk.lines);
    if (options.isSplit) {
      const placed = (line: DiffLine | null): Placed | null => line && { line, at: places.get(line) ?? 0 };
      for (const [at, pair] of pairs.entries()) {
        const tall = Math.max(height(shownText(pair.old)), height(shownText(pair.new)));
        rows.push({
          kind: "pair",
          key: `${key}:${at}`,
          file,
          hunk,
          old: placed(pair.old),
          new: placed(pair.new),
          height: tall,
        });
        addComments([pair.old, pair.new]);
      }
    } else {
      const others = new Map<DiffLine, DiffLine | null>();
      for (const pair of pairs) {
        if (pair.old) others.set(pair.old, pair.new);
        if (pair.new) others.set(pair.new, pair.old);
      }
      for (const [at, line] of hunk.lines.entries()) {
        const other = line.type === "context" ? null : (others.get(line) ?? null);
        rows.push({
          kind: "line",
          key: `${key}:${at}`,
          file,
          hunk,
          at,
          line,
          other,
          height: height(shownText(line)),
        });
        addComments([line]);
      }
    }
  }
  if (file.isPartial) note("partial");
  if (file.isTooLarge) note("ended");
  if (left.size > 0) {
    note("elsewhere");
    for (const comment of left) rows.push(commentRow(file, comment, options));
  }
  return rows;
}

const commentRow = (
  file: DiffFile,
  comment: ReviewComment,
  options: RowOptions,
  isOutdated = false,
): DiffRow => ({
  kind: "comment",
  isOutdated,
  key: `comment:${comment.id}`,
  file,
  comment,
  height: options.commentHeights.get(comment.id) ?? COMMENT_HEIGHT,
});

function noteOf(file: DiffFile): Note | null {
  if (file.isBinary) return "binary";
  if (file.hunks.length > 0 || file.isPartial || file.isTooLarge) return null;
  if (file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode) return "mode";
  return file.status === "renamed" || file.status === "copied" ? "moved" : "empty";
}

/** What is said behind a line that ends the file without a line break: otherwise two lines could look the same. */
export const endOf = (line: DiffLine): string => (line.isUnended ? ` ⟨${strings.changes.unended}⟩` : "");

const shownText = (line: DiffLine | null): string => (line === null ? "" : line.text + endOf(line));

/** Where each row begins, in points, and where the last one ends. */
export function offsetsOf(rows: readonly { height: number }[]): number[] {
  const offsets = [0];
  for (const { height } of rows) offsets.push((offsets.at(-1) ?? 0) + height);
  return offsets;
}

/** The row that shows a line, for links; the file's own row where none does. -1 where the file is not there. */
export function indexOfLine(
  rows: readonly DiffRow[],
  path: string,
  line: number | null,
  side: "old" | "new" = "new",
): number {
  const head = rows.findIndex((row) => row.kind === "file" && row.file.path === path);
  if (head < 0 || line === null) return head;
  const found = rows.findIndex((row, index) => {
    if (index < head || row.file.path !== path) return false;
    if (row.kind === "line")
      return sideOf(row.line) === side || row.line.type === "context"
        ? numberOn(row.line, side) === line
        : false;
    if (row.kind !== "pair") return false;
    const on = side === "old" ? row.old : row.new;
    return on !== null && numberOn(on.line, side) === line;
  });
  return found < 0 ? head : found;
}
