import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { Palette } from "../../../../theme/tokens.ts";

/** The languages that agents write most: each one more is weight for everybody. */
const lowlight = createLowlight({ bash, css, diff, go, json, python, rust, sql, typescript, xml, yaml });
lowlight.registerAlias({
  bash: ["console", "shell", "terminal", "dockerfile"],
  css: ["scss", "less"],
  json: ["jsonc", "json5"],
  typescript: ["javascript", "js", "jsx"],
  xml: ["html", "svg", "vue"],
  yaml: ["toml", "ini"],
});

export interface CodeSpan {
  text: string;
  color: keyof Palette | null;
}

const INK: Record<string, keyof Palette> = {
  keyword: "codeKeyword",
  literal: "codeKeyword",
  "selector-tag": "codeKeyword",
  tag: "codeKeyword",
  name: "codeKeyword",
  string: "codeString",
  regexp: "codeString",
  addition: "ok",
  deletion: "danger",
  number: "codeNumber",
  symbol: "codeNumber",
  comment: "codeComment",
  quote: "codeComment",
  doctag: "codeComment",
  meta: "codeComment",
  title: "codeFunction",
  section: "codeFunction",
  attr: "codeFunction",
  attribute: "codeFunction",
  property: "codeFunction",
  type: "codeType",
  built_in: "codeType",
  class: "codeType",
  variable: "codeType",
  "template-variable": "codeType",
};

/** Longer code is shown plain: colours are not worth a page that stutters. In characters. */
const MOST = 30_000;

/** The code in pieces of one colour. Plain where the language is not known. */
export function highlight(code: string, language: string): readonly CodeSpan[] {
  const name = language.toLowerCase();
  if (code.length > MOST || !lowlight.registered(name)) return [{ text: code, color: null }];
  const spans: CodeSpan[] = [];
  collect(lowlight.highlight(name, code).children, null, spans);
  return spans;
}

interface Node {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: readonly unknown[];
}

function collect(nodes: readonly unknown[], color: keyof Palette | null, into: CodeSpan[]): void {
  for (const node of nodes as readonly Node[]) {
    if (node.type === "text") {
      const last = into.at(-1);
      if (last && last.color === color) last.text += node.value ?? "";
      else into.push({ text: node.value ?? "", color });
    } else if (node.children) collect(node.children, inkOf(node) ?? color, into);
  }
}

function inkOf({ properties }: Node): keyof Palette | null {
  const names = Array.isArray(properties?.className) ? properties.className : [];
  for (const name of names) {
    const ink = INK[String(name).replace(/^hljs-/, "")];
    if (ink) return ink;
  }
  return null;
}
