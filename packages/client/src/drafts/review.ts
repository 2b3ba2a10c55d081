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

/** Where a comment begins, with the lines that it is about. What stands between their fences is no comment of its own. */
const COMMENT = /(?:^|\n\n)### (.+, lines? \d+(?:–\d+)?(?: \([^)]*\))?)\n\n(?:(`{3,})\n([\s\S]*?)\n\2\n\n)?/g;

/** Null for what is none: a person's own words are shown as they are. */
export function readReview(message: string): SentReview | null {
  const found = [...message.matchAll(COMMENT)];
  if (found.length === 0) return null;
  const comments = found.map(({ index, 0: whole, 1: where = "", 3: quote = null }, at) => ({
    where,
    quote,
    text: message.slice(index + whole.length, found[at + 1]?.index),
  }));
  return { opening: message.slice(0, found[0]?.index), comments };
}

/** A fence that nothing in the text can close. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
