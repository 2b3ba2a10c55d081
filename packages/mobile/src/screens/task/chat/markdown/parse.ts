import { lexer, type MarkedToken, type Token } from "marked";
import remend from "remend";

export type Block = MarkedToken;

/**
 * Markdown as blocks. Half of a text is read as if it ended well: what is open is closed, and a link whose address has
 * not come yet is text. So nothing jumps when the rest arrives.
 */
export function parseMarkdown(text: string, isStreaming: boolean): readonly Block[] {
  const whole = isStreaming
    ? remend(withoutLooseFence(text), { linkMode: "text-only", katex: false, inlineKatex: false })
    : text;
  return known(lexer(whole, { gfm: true, breaks: true }));
}

/** All tokens that `marked` makes without extensions are known; ours has none. */
export const known = (tokens: readonly Token[] | undefined): readonly Block[] =>
  (tokens ?? []) as readonly MarkedToken[];

/** Marks that open something of which nothing has come yet would show as text for a moment. */
function withoutLooseFence(text: string): string {
  const marks = /(?:^|[^`])(`{1,2})$/.exec(text)?.[1];
  if (!marks) return text;
  const before = text.slice(0, -marks.length);
  const paragraph = before.slice(before.lastIndexOf("\n\n") + 1);
  // Alone in their line they begin a fence, or end the one that is open.
  if (/(^|\n)[ \t]*$/.test(before)) return before;
  const isOpening = (paragraph.match(/`+/g) ?? []).length % 2 === 0;
  return isOpening ? before : text;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** Characters that markdown writes as HTML does. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
