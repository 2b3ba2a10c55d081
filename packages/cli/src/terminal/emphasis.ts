import type { Colors } from "picocolors/types";

/** The little Markdown that prose has within a line: code, strong words, headings. Left as it is without colours. */
export function emphasis(line: string, colors: Colors): string {
  if (!colors.isColorSupported) return line;
  if (/^#{1,6} /.test(line)) return colors.bold(line.replace(/^#{1,6} /, ""));
  return line
    .replace(/\*\*([^*]+)\*\*/g, (_whole, words: string) => colors.bold(words))
    .replace(/`([^`]+)`/g, (_whole, code: string) => colors.cyan(code));
}
