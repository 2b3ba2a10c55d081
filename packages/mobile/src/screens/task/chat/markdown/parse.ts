import { lexer, type MarkedToken, type Token } from "marked";
import remend from "remend";
import { withoutLooseEnd } from "./loose-end.ts";

export type Block = MarkedToken;

/**
 * Markdown as blocks. Half of a text is read as if it ended well: what is open is closed, and a link whose address has
 * not come yet is text. So nothing jumps when the rest arrives.
 */
export function parseMarkdown(text: string, isStreaming: boolean): readonly Block[] {
  const whole = isStreaming
    ? remend(withoutLooseEnd(text), { linkMode: "text-only", katex: false, inlineKatex: false })
    : text;
  return known(lexer(whole, { gfm: true, breaks: true }));
}

/** All tokens that `marked` makes without extensions are known; ours has none. */
export const known = (tokens: readonly Token[] | undefined): readonly Block[] =>
  (tokens ?? []) as readonly MarkedToken[];

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** Characters that markdown writes as HTML does. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
