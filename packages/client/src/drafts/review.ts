import type { ReviewComment } from "./api.ts";

/**
 * Comments on a diff as one message for the agent: by file and line, each with the lines that it is about, so that it
 * still says what was meant when the lines have moved. Empty where there is nothing to say.
 * @param head the task's newest state; a comment on another one names it
 */
export function formatReview(
  comments: readonly ReviewComment[],
  note = "",
  head: string | null = null,
): string {
  const said = comments.filter(({ text }) => text.trim() !== "");
  if (said.length === 0) return note.trim();
  const sorted = [...said].sort(
    (a, b) =>
      compare(a.path, b.path) ||
      a.startLine - b.startLine ||
      a.endLine - b.endLine ||
      compare(a.createdAt, b.createdAt),
  );
  const count = sorted.length === 1 ? "a comment" : `${sorted.length} comments`;
  const opening = note.trim() === "" ? `Please address ${count} on your changes:` : note.trim();
  return [opening, ...sorted.map((comment) => formatComment(comment, head))].join("\n\n");
}

function formatComment(comment: ReviewComment, head: string | null): string {
  const { path, side, startLine, endLine, quote, text } = comment;
  const lines = startLine === endLine ? `line ${startLine}` : `lines ${startLine}–${endLine}`;
  const isOlder = comment.head && head && comment.head !== head;
  const state = [
    ...(side === "old" ? ["before the change"] : []),
    ...(isOlder ? [`seen at ${comment.head?.slice(0, 10)}, the lines may have moved since`] : []),
  ].join("; ");
  const where = `### ${path}, ${lines}${state === "" ? "" : ` (${state})`}`;
  const quoted = quote.trim() === "" ? [] : [fenced(quote)];
  return [where, ...quoted, text.trim()].join("\n\n");
}

/** A message that {@link formatReview} made, in its parts. */
export interface SentReview {
  opening: string;
  comments: readonly { where: string; quote: string | null; text: string }[];
}

const WHERE = /^### (.+, lines? \d+(?:–\d+)?(?: \([^)]*\))?)$/;

/** Null for what is none: a person's own words are shown as they are. */
export function readReview(message: string): SentReview | null {
  const lines = message.split("\n");
  const opening: string[] = [];
  const comments: { where: string; quote: string | null; text: string }[] = [];
  let said = opening;
  const close = () => {
    const last = comments.at(-1);
    if (last) last.text = said.join("\n").trim();
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const where = WHERE.exec(line)?.[1];
    if (where === undefined || (at > 0 && lines[at - 1] !== "")) {
      said.push(line);
      continue;
    }
    close();
    const quoted = quoteAt(lines, at + 2);
    comments.push({ where, quote: quoted?.text ?? null, text: "" });
    said = [];
    if (quoted) at = quoted.end;
  }
  close();
  return comments.length === 0 ? null : { opening: opening.join("\n").trim(), comments };
}

/** What stands between the fences that open at that line. */
function quoteAt(lines: readonly string[], start: number): { text: string; end: number } | null {
  const fence = lines[start] ?? "";
  if (!/^`{3,}$/.test(fence)) return null;
  const end = lines.indexOf(fence, start + 1);
  return end === -1 ? null : { text: lines.slice(start + 1, end).join("\n"), end };
}

/** A fence that nothing in the text can close. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
