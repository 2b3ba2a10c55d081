const graphemes = new Intl.Segmenter();

/** Columns that a text takes; colours take none, wide characters two. */
export const widthOf = (text: string): number => Bun.stringWidth(text);

/** Cuts a text without colours to a width, with `…` in place of what is missing. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width < 1 ? "" : `${take(text, width - 1)}…`;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/**
 * Breaks one line without colours between words, or within a word that is longer than a line. Further lines are
 * indented as the first, and those of a list item under its text.
 */
export function wrapLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const indent = " ".repeat(Math.min(hangingIndent(line), Math.floor(width / 2)));
  const lines: string[] = [];
  let rest = line;
  while (widthOf(rest) > width) {
    const head = take(rest, width + 1);
    const space = head.lastIndexOf(" ");
    const isWordBreak = space > 0 && rest.slice(0, space).trim() !== "";
    const end = isWordBreak ? space : Math.max(1, take(rest, width).length);
    lines.push(rest.slice(0, end).trimEnd());
    const following = rest.slice(end).trimStart();
    if (following === "") return lines;
    rest = indent + following;
  }
  lines.push(rest);
  return lines;
}

/** Breaks one line without colours wherever it is full, and leaves nothing out. */
export function breakLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const lines: string[] = [];
  let taken = "";
  let columns = 0;
  for (const { segment } of graphemes.segment(line)) {
    const more = widthOf(segment);
    if (columns + more > width && taken !== "") {
      lines.push(taken);
      taken = "";
      columns = 0;
    }
    taken += segment;
    columns += more;
  }
  return [...lines, taken];
}

function hangingIndent(line: string): number {
  return /^\s*(?:(?:[-*+•]|\d+[.)])\s+)?/.exec(line)?.[0].length ?? 0;
}

/** The longest beginning that fits. */
function take(text: string, width: number): string {
  let taken = "";
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += widthOf(segment);
    if (columns > width) break;
    taken += segment;
  }
  return taken;
}
