import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import json from "highlight.js/lib/languages/json";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { Palette } from "../theme/tokens.ts";
import type { Language } from "./languages.ts";

/** What a word of code is; the theme has a colour for each. */
export type TokenKind =
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "function"
  | "type"
  | "added"
  | "removed";

/** A piece of one line. Null is plain text. */
export interface Token {
  text: string;
  kind: TokenKind | null;
}

export const TOKEN_COLORS: Record<TokenKind, keyof Palette> = {
  keyword: "codeKeyword",
  string: "codeString",
  number: "codeNumber",
  comment: "codeComment",
  function: "codeFunction",
  type: "codeType",
  added: "ok",
  removed: "danger",
};

const lowlight = createLowlight({
  bash,
  cpp,
  css,
  diff,
  go,
  java,
  json,
  markdown,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
});

/** Beyond it colours cost more than they give, in characters. */
const MOST_CHARACTERS = 200_000;
/** A line of minified code, in characters. */
const LONGEST_LINE = 5_000;

const KINDS: Record<string, TokenKind> = {
  keyword: "keyword",
  "selector-tag": "keyword",
  "selector-class": "type",
  "selector-id": "type",
  tag: "keyword",
  name: "keyword",
  literal: "number",
  number: "number",
  symbol: "number",
  string: "string",
  regexp: "string",
  link: "string",
  code: "string",
  comment: "comment",
  quote: "comment",
  doctag: "comment",
  meta: "comment",
  title: "function",
  section: "function",
  property: "function",
  attr: "function",
  attribute: "function",
  type: "type",
  built_in: "type",
  class: "type",
  addition: "added",
  deletion: "removed",
};

interface Node {
  type: string;
  value?: string;
  children?: Node[];
  properties?: { className?: unknown };
}

function kindOf(node: Node): TokenKind | null {
  const names = Array.isArray(node.properties?.className) ? (node.properties.className as string[]) : [];
  for (const name of names) {
    const kind = KINDS[name.replace(/^hljs-/, "").replace(/_+$/, "")];
    if (kind) return name.includes("title") && names.includes("class_") ? "type" : kind;
  }
  return null;
}

/** The text's lines, each in coloured pieces that together are exactly the line. Without a language: as they are. */
export function highlight(text: string, language: Language | null): readonly (readonly Token[])[] {
  const plain = () => text.split("\n").map((line) => [{ text: line, kind: null }]);
  if (language === null || text.length > MOST_CHARACTERS) return plain();
  if (text.split("\n").some((line) => line.length > LONGEST_LINE)) return plain();
  const lines: Token[][] = [[]];
  const walk = (node: Node, above: TokenKind | null) => {
    if (node.type === "text") {
      const [first = "", ...rest] = (node.value ?? "").split("\n");
      if (first !== "") lines.at(-1)?.push({ text: first, kind: above });
      for (const line of rest) lines.push(line === "" ? [] : [{ text: line, kind: above }]);
      return;
    }
    const kind = kindOf(node) ?? above;
    for (const child of node.children ?? []) walk(child, kind);
  };
  walk(lowlight.highlight(language, text) as Node, null);
  return lines;
}
