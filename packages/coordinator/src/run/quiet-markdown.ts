/**
 * Markdown of an agent, made fit to stand on a forge under a person's name: it stays readable, and it can notify nobody,
 * close no issue, load no picture, and hide or fake nothing with HTML. What is code stays word for word.
 *
 * A text means here what it means to the forge, or less: blocks of code are those that begin at the start of a line, and
 * spans of code those that end in the line that they begin in. All other signs that could begin one are written so that
 * they do not.
 */
export function quietMarkdown(text: string): string {
  const lines = withoutClosing(visible(text)).split("\n");
  const quiet: string[] = [];
  let fence: string | null = null;
  for (const line of lines) {
    if (fence !== null) {
      quiet.push(line);
      if (isEndOf(fence, line)) fence = null;
      continue;
    }
    const start = /^(`{3,})([^`]*)$/.exec(line) ?? /^(~{3,})(.*)$/.exec(line);
    if (start === null) {
      quiet.push(quietLine(line));
      continue;
    }
    fence = start[1] ?? "";
    // Some languages are not shown but run, as drawings are.
    const language = /^\s*([a-z0-9+#-]{1,20})\b/i.exec(start[2] ?? "")?.[1] ?? "";
    quiet.push(`${fence}${DRAWN.has(language.toLowerCase()) ? "" : language}`);
  }
  if (fence !== null) quiet.push(fence);
  return quiet.join("\n");
}

/** A title: one line, with no markdown in it, that may become a commit's message. */
export function quietTitle(text: string): string {
  return withoutMentions(withoutClosing(visible(text).replace(/\s+/g, " ").trim()));
}

const DRAWN = new Set(["mermaid", "geojson", "topojson", "stl", "math", "suggestion"]);

/** Line ends are newlines; other characters that cannot be seen are gone, but for what joins pictures. */
function visible(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (it) =>
      it === "\n" || it === "\t" || it === "\u200d" ? it : "",
    );
}

const CLOSING = "close[sd]?|closing|fix(?:e[sd]|ing)?|resolve[sd]?|resolving|implement(?:s|ed|ing)?";
const ISSUE =
  "(?:[\\w.-]+/[\\w.-]+)?#\\d|GH-\\d|https?://\\S*?/(?:-/)?(?:issues|pull|pulls|merge_requests|work_items)/\\d";
/** Such a word, then nothing but signs and spaces, then an issue: a forge would close it with the merge. */
const CLOSES = new RegExp(
  `(?<![\\p{L}\\p{N}])(${CLOSING})(?![\\p{L}\\p{N}])(?=[^\\p{L}\\p{N}]*?(?:${ISSUE}))`,
  "giu",
);

const withoutClosing = (text: string) => text.replace(CLOSES, "$1, see");

/** `@ name`: what a letter or a digit stands before is an address of mail. */
const withoutMentions = (text: string) => text.replace(/(?<![A-Za-z0-9])@(?=[A-Za-z0-9])/g, "@ ");

function isEndOf(fence: string, line: string): boolean {
  const end = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1] ?? "";
  return end[0] === fence[0] && end.length >= fence.length;
}

/** Spans of code stay; what opens none is a sign like any other. */
function quietLine(line: string): string {
  let quiet = "";
  for (let at = 0; at < line.length; ) {
    const tick = line.indexOf("`", at);
    if (tick === -1) return quiet + quietText(line.slice(at));
    quiet += quietText(line.slice(at, tick));
    const ticks = /^`+/.exec(line.slice(tick))?.[0] ?? "`";
    const start = tick + ticks.length;
    const end = endOfSpan(line, start, ticks.length);
    // In a table a bar ends the cell, and with it the span.
    if (end === -1 || line.slice(start, end).includes("|")) {
      quiet += "\\`".repeat(ticks.length);
      at = start;
    } else {
      quiet += line.slice(tick, end + ticks.length);
      at = end + ticks.length;
    }
  }
  return quiet;
}

/** Where the next run of exactly so many backticks begins. */
function endOfSpan(line: string, from: number, length: number): number {
  for (const match of line.slice(from).matchAll(/`+/g))
    if (match[0].length === length) return from + match.index;
  return -1;
}

function quietText(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("<", "\\<")
    .replace(/&(?=[#A-Za-z])/g, "&amp;")
    .replace(/!(?=\[)/g, "\\!")
    .replace(/~{3,}/g, (run) => "\\~".repeat(run.length));
  return withoutMentions(escaped);
}
