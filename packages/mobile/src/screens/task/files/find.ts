/** A place of the text that is looked for: a line from 0, and where in it, in UTF-16 units. */
export interface Hit {
  line: number;
  start: number;
  end: number;
}

/** More places than these help nobody. */
export const MOST_HITS = 2_000;

/** All places where the text stands, capital or small. */
export function findAll(lines: readonly string[], wanted: string): Hit[] {
  const hits: Hit[] = [];
  const needle = wanted.toLowerCase();
  if (needle === "") return hits;
  for (const [line, text] of lines.entries()) {
    const hay = text.toLowerCase();
    // A letter that changes its length when it becomes small would shift all that follows.
    const isAligned = hay.length === text.length;
    const [within, looked] = isAligned ? [hay, needle] : [text, wanted];
    for (let at = within.indexOf(looked); at >= 0; at = within.indexOf(looked, at + looked.length)) {
      hits.push({ line, start: at, end: at + looked.length });
      if (hits.length === MOST_HITS) return hits;
    }
  }
  return hits;
}

/** The hit that comes next from a line on; around the end where there is none. */
export function hitFrom(hits: readonly Hit[], line: number): number {
  const found = hits.findIndex((hit) => hit.line >= line);
  return Math.max(found, 0);
}
