import { expect, test } from "bun:test";
import fc from "fast-check";
import { safeLine, safeText } from "./safe-text.ts";

test.each([
  ["colours", "\u001b[31mred\u001b[0m", "red"],
  ["cursor moves and clearing", "a\u001b[2J\u001b[1;1Hb", "ab"],
  ["a title", "\u001b]0;owned\u0007text", "text"],
  ["the clipboard (OSC 52)", "\u001b]52;c;ZXZpbA==\u001b\\text", "text"],
  ["a link that hides its target (OSC 8)", "\u001b]8;;http://evil\u001b\\good\u001b]8;;\u001b\\", "good"],
  ["a device control string", '\u001bP$q"p\u001b\\text', "text"],
  ["the same in one-byte controls", "\u009b31mred\u009d0;owned\u009ctext", "redtext"],
  ["a sequence that never ends", "text\u001b]0;owned", "text"],
  ["a sequence that never ends, and hides no other line", "a\u001b]0;owned\nreal line", "a\nreal line"],
  ["bells, backspaces and nulls", "pass\u0008\u0008word\u0007\u0000", "password"],
])("%s cannot reach the terminal", (_name, text, safe) => {
  expect(safeText(text)).toBe(safe);
});

test("a progress bar keeps its last drawing, and Windows line ends are line ends", () => {
  expect(safeText("10%\r50%\r100%\ndone\r\nend\r")).toBe("100%\ndone\nend");
});

test("characters that reorder the line or cannot be seen are shown by their number", () => {
  expect(safeText("if (admin\u202e)")).toBe("if (admin<U+202E>)");
  expect(safeText("a\u200b\u2028\u{e0041}")).toBe("a<U+200B><U+2028><U+E0041>");
});

test("no text, in whatever pieces it comes, leaves a control character but the newline", () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "0",
      ";",
      "m",
      "\u0007",
      "\\",
      "\r",
      "\n",
      "\t",
      "\u009b",
      "P",
      "a",
      "\u202e",
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 4 }), (pieces) => {
      const shown = pieces.map(safeText).join("");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for control characters
      expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
    { numRuns: 2000 },
  );
});

test("a megabyte without a line end is made safe in one pass", () => {
  const text = `${"x ".repeat(500_000)}\u001b[2J`;
  expect(safeText(text)).toHaveLength(1_000_000);
  expect(safeLine(`a${" ".repeat(1_000_000)}b`)).toHaveLength(1_000_002);
});

test("a label is one line", () => {
  expect(safeLine("cd a &&\n   npm test\n")).toBe("cd a && npm test");
});
