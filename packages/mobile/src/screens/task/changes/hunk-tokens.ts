import { highlight, type Token } from "../../../code/highlight.ts";
import { languageOf } from "../../../code/languages.ts";
import type { Hunk } from "./parse-patch.ts";

const cache = new WeakMap<Hunk, readonly (readonly Token[])[]>();

/**
 * Colours of a hunk's lines, by their place in it. Before and after are two texts: words of the one must not open a string or a
 * comment in the other.
 */
export function tokensOf(hunk: Hunk, path: string, oldPath: string | null): readonly (readonly Token[])[] {
  const known = cache.get(hunk);
  if (known) return known;
  const olds = hunk.lines.filter(({ type }) => type !== "added");
  const news = hunk.lines.filter(({ type }) => type !== "removed");
  const text = (lines: typeof olds) => lines.map((line) => line.text).join("\n");
  const before = highlight(text(olds), languageOf(oldPath ?? path));
  const after = highlight(text(news), languageOf(path));
  let [oldAt, newAt] = [0, 0];
  const tokens = hunk.lines.map(({ type, text: plain }) => {
    const found = type === "removed" ? before[oldAt] : after[newAt];
    if (type !== "added") oldAt += 1;
    if (type !== "removed") newAt += 1;
    return found ?? [{ text: plain, kind: null }];
  });
  cache.set(hunk, tokens);
  return tokens;
}
