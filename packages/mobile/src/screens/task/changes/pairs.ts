import type { Span } from "../../../code/line-layout.ts";
import type { DiffLine } from "./parse-patch.ts";

/** A line before the change and what took its place. */
export interface LinePair {
  old: DiffLine | null;
  new: DiffLine | null;
}

/** Puts removed lines beside those that took their places, in their order. Context stands on both sides. */
export function pairsOf(lines: readonly DiffLine[]): LinePair[] {
  const pairs: LinePair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1)
      pairs.push({ old: removed[at] ?? null, new: added[at] ?? null });
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.type === "removed") {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.type === "added") added.push(line);
    else {
      flush();
      pairs.push({ old: line, new: line });
    }
  }
  flush();
  return pairs;
}

/** What of two lines is not the same at their beginnings and ends; null where hardly anything is. */
export function changedWithin(old: string, fresh: string): { old: Span; new: Span } | null {
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const room = Math.min(old.length, fresh.length) - start;
  while (end < room && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  const shared = old.slice(0, start).trim().length + old.slice(old.length - end).trim().length;
  if (shared * 3 < Math.max(old.trim().length, fresh.trim().length)) return null;
  return { old: { start, end: old.length - end }, new: { start, end: fresh.length - end } };
}
