import type { Colors } from "picocolors/types";
import { plural } from "./format.ts";
import { MARGIN } from "./page.ts";
import { safeLine, safeText } from "./safe-text.ts";
import { truncate } from "./wrap.ts";

const MOST_COLUMNS = 120;

/** A unified diff in colours, without git's lines for machines. */
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
      lines.push(`${MARGIN}${colors.bold(truncate(fileName(raw), columns))}`);
      continue;
    }
    if (raw.startsWith("@@")) inHunk = true;
    const line = truncate(safeText(raw), columns);
    if (line === "") continue;
    if (!inHunk) {
      if (/^(new file|deleted file|rename |similarity|Binary)/.test(line))
        lines.push(`${MARGIN}${colors.dim(line)}`);
      continue;
    }
    lines.push(`${MARGIN}${colorOf(raw, colors)(line)}`.trimEnd());
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
  return safeLine(path ?? header);
}

function colorOf(line: string, colors: Colors): (text: string) => string {
  if (line.startsWith("+")) return colors.green;
  if (line.startsWith("-")) return colors.red;
  if (line.startsWith("@@") || line.startsWith("\\")) return colors.dim;
  return (text) => text;
}
