import type { Colors } from "picocolors/types";
import { exactLine, exactText } from "./exact-text.ts";
import { plural } from "./format.ts";
import { MARGIN } from "./page.ts";
import { breakLine } from "./wrap.ts";

const MOST_COLUMNS = 120;

/** Before what goes on from the line above. */
const GOES_ON = "  ↪ ";

/** A unified diff in colours, without git's lines for machines. Of a line that is too long for the screen nothing is left out. */
export function diffLines(
  diff: { text: string; truncated: boolean },
  options: { colors: Colors; width: number; maxLines: number },
): string[] {
  const { colors, maxLines } = options;
  const columns = Math.max(20, Math.min(options.width, MOST_COLUMNS) - MARGIN.length);
  const lines: string[] = [];
  let inHunk = false;
  for (const raw of diff.text.split("\n")) {
    if (raw.startsWith("diff --git ")) {
      inHunk = false;
      if (lines.length > 0) lines.push("");
      lines.push(`${MARGIN}${colors.bold(fileName(raw))}`);
      continue;
    }
    if (raw.startsWith("@@")) inHunk = true;
    const line = exactText(raw);
    if (line === "") continue;
    if (!inHunk) {
      if (/^(new file|deleted file|old mode|new mode|rename |similarity|Binary)/.test(line))
        lines.push(...breakLine(line, columns).map((part) => `${MARGIN}${colors.dim(part)}`));
      continue;
    }
    const color = colorOf(raw, colors);
    const [head = "", ...rest] = breakLine(line, columns - GOES_ON.length);
    lines.push(
      `${MARGIN}${color(head)}`,
      ...rest.map((part) => `${MARGIN}${colors.dim(GOES_ON)}${color(part)}`),
    );
  }
  const shown = lines.slice(0, maxLines);
  const hidden = lines.length - shown.length;
  if (hidden > 0 || diff.truncated) {
    const more = diff.truncated ? `… the diff goes on` : `… ${plural(hidden, "more line")}`;
    shown.push(`${MARGIN}${colors.dim(more)}`);
  }
  return shown;
}

/** `diff --git a/old b/new` → `new`. */
function fileName(header: string): string {
  const path = /^diff --git (?:"?a\/.*?"?) "?b\/(.*?)"?$/.exec(header)?.[1];
  return exactLine(path ?? header);
}

function colorOf(line: string, colors: Colors): (text: string) => string {
  if (line.startsWith("+")) return colors.green;
  if (line.startsWith("-")) return colors.red;
  if (line.startsWith("@@") || line.startsWith("\\")) return colors.dim;
  return (text) => text;
}
