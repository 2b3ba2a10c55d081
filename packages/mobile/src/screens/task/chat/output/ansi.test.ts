import { parseAnsi, plainText, tailOf } from "./ansi.ts";

const ESC = "\u001b";
const seen = (text: string) =>
  parseAnsi(text)
    .map((span) => span.text)
    .join("");

test("colours and weights of a terminal become spans", () => {
  const spans = parseAnsi(`${ESC}[1;32m✓${ESC}[0m passed ${ESC}[31mfailed${ESC}[39m`);
  expect(spans).toMatchObject([
    { text: "✓", color: "green", isBold: true },
    { text: " passed ", color: null, isBold: false },
    { text: "failed", color: "red" },
  ]);
});

test.each([
  ["256 colours", `${ESC}[38;5;196mx`, "red"],
  ["true colour", `${ESC}[38;2;20;200;40mx`, "green"],
  ["bright", `${ESC}[94mx`, "blue"],
  ["a background, which is left out", `${ESC}[48;5;196mx`, null],
])("%s is drawn as the nearest of the eight", (_name, text, color) => {
  expect(parseAnsi(text)).toMatchObject([{ text: "x", color }]);
});

test("what moves the cursor, titles and links leaves nothing behind", () => {
  expect(
    seen(`${ESC}[2K${ESC}[1Ga${ESC}]0;title\u0007b${ESC}]8;;https://x.example${ESC}\\c${ESC}[?25l`),
  ).toBe("abc");
});

test("a sequence that was cut off shows nothing of itself", () => {
  expect(seen(`done${ESC}[3`)).toBe("done");
  expect(seen(`done${ESC}`)).toBe("done");
});

test("a line that was written over shows what was written last", () => {
  expect(seen("10%\r50%\r100%\nok\r\nend")).toBe("100%\nok\nend");
});

test("the tail says how much stands before it", () => {
  expect(tailOf("a\nb\nc\n", 2)).toEqual({ text: "b\nc", hidden: 1 });
  expect(tailOf("a", 2)).toEqual({ text: "a", hidden: 0 });
});

test("a line that is as long as a file is drawn by its end", () => {
  const { text } = tailOf(`${"x".repeat(4_000_000)}end`, 60);
  expect(text.length).toBeLessThan(200_010);
  expect(text.startsWith("…x")).toBe(true);
  expect(text.endsWith("end")).toBe(true);
});

test("what is copied has no colours in it", () => {
  expect(plainText(`${ESC}[31mred${ESC}[0m\n10%\r100%`)).toBe("red\n100%");
});
