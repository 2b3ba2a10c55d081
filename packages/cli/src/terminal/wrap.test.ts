import { expect, test } from "bun:test";
import fc from "fast-check";
import { truncate, widthOf, wrapLine } from "./wrap.ts";

test("a line breaks between words", () => {
  expect(wrapLine("the quick brown fox jumps", 11)).toEqual(["the quick", "brown fox", "jumps"]);
});

test("a list item goes on under its text, code under its indentation", () => {
  expect(wrapLine("- one two three", 9)).toEqual(["- one two", "  three"]);
  expect(wrapLine("    call(first, second)", 16)).toEqual(["    call(first,", "    second)"]);
});

test("a word longer than the line is broken, wide characters count twice", () => {
  expect(wrapLine("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
  expect(wrapLine("日本語", 4)).toEqual(["日本", "語"]);
});

test("no line is wider than asked and no letter is lost", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "-", "日", "é", "👩‍👩‍👧"), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (line, width) => {
      const lines = wrapLine(line, width);
      for (const part of lines)
        expect(widthOf(part)).toBeLessThanOrEqual(
          Math.max(width, widthOf(line.trimEnd()) <= width ? widthOf(line) : 0),
        );
      expect(lines.join("").replaceAll(" ", "")).toBe(line.replaceAll(" ", ""));
    }),
  );
});

test("what is cut off is marked", () => {
  expect(truncate("npm test -- --watch", 10)).toBe("npm test …");
  expect(truncate("short", 10)).toBe("short");
});
