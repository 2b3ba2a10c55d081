import { cellsOf } from "./cells.ts";
import { highlight } from "./highlight.ts";
import { isInvisible, visible } from "./invisible.ts";
import { languageNamed, languageOf } from "./languages.ts";
import { heightInLines } from "./line-breaks.ts";
import { layOut } from "./line-layout.ts";

const plain = (text: string) => [{ text, kind: null }];
const usual = { columns: 0, showWhitespace: false };
const shown = (text: string, options = {}) =>
  layOut(plain(text), { ...usual, ...options }).map((line) => line.map((it) => it.text).join(""));

test("a file's name tells its language, and an odd one none", () => {
  expect(languageOf("src/a.test.tsx")).toBe("typescript");
  expect(languageOf("Dockerfile")).toBe("bash");
  expect(languageOf("LICENSE")).toBeNull();
});

test.each([
  ["typescript", "const a = `x\n`;\n/* two\nlines */ class B {}"],
  ["python", 'def f():\n    """doc\n    """\n    return 1'],
  ["markdown", "# Title\n\n```\ncode\n```"],
] as const)("coloured pieces of %s are the text itself, line by line", (language, text) => {
  const lines = highlight(text, language);
  expect(lines.map((line) => line.map((it) => it.text).join(""))).toEqual(text.split("\n"));
  expect(lines.flat().some(({ kind }) => kind !== null)).toBe(true);
});

test("a code block's fence names its language, or nothing does", () => {
  for (const name of ["ts", "JavaScript", " js "]) expect(languageNamed(name)).toBe("typescript");
  expect(["console", "toml", "c++", "diff"].map(languageNamed)).toEqual(["bash", "yaml", "cpp", "diff"]);
  expect(languageNamed("nobody-knows")).toBeNull();
  expect(highlight("+a\n-b", "diff").flat()).toEqual([
    { text: "+a", kind: "added" },
    { text: "-b", kind: "removed" },
  ]);
});

test("a minified line is left without colours", () => {
  expect(highlight("a=1;".repeat(2_000), "typescript")).toHaveLength(1);
});

test("what hides or turns text is written out", () => {
  expect(shown("a\u202eb\u200bc\u0000\r")).toEqual(["aU+202EbU+200BcU+0000CR"]);
  expect(visible("a\tb\u00a0c")).toBe("a⟨TAB⟩b⟨U+00A0⟩c");
  for (const code of [0x202e, 0x2066, 0x200d, 0xfeff, 0xad, 0xe0041, 0x3164])
    expect(isInvisible(code)).toBe(true);
  for (const letter of "aé漢😀") expect(isInvisible(letter.codePointAt(0) ?? 0)).toBe(false);
});

test("its name is a piece of its own, so that it looks like no text", () => {
  expect(layOut(plain("a\u202eb"), usual)[0]?.map(({ text, isName }) => [text, isName])).toEqual([
    ["a", false],
    ["U+202E", true],
    ["b", false],
  ]);
});

test("tabs reach to the next stop, and blanks show where that is wished for", () => {
  expect(shown("a\tb")).toEqual(["a   b"]);
  expect(shown("a\t b", { showWhitespace: true })).toEqual(["a→  ·b"]);
});

test.each([
  "",
  "short",
  "so many short words that each line ends behind one",
  "    if (!isDone(cart.lines[0], { deep: true })) return discount(4.90);",
  "x".repeat(95),
  "漢字".repeat(30),
  "a\tb\t".repeat(20),
  "\u202e".repeat(13),
])("a broken line keeps all of its text, on as many lines as were foretold: %j", (text) => {
  const lines = shown(text, { columns: 20 });
  expect(lines).toHaveLength(heightInLines(text, 20));
  expect(lines.join("")).toBe(shown(text)[0]);
  // One blank may hang over the edge.
  for (const line of lines) expect(cellsOf(line.replace(/ $/, ""))).toBeLessThanOrEqual(20);
});

test.each([
  ["- A discount is rounded to the nearest cent.", 30, ["- A discount is rounded to the ", "nearest cent."]],
  [
    'import { shippingFor } from "./shipping.js";',
    20,
    ["import { shippingFor ", "} from ", '"./shipping.js";'],
  ],
  // What fills the line to its end leaves the blank behind it there.
  ["four four", 4, ["four ", "four"]],
  // Nothing to part it at but its punctuation, or not even that.
  ["https://example.com/a/long/path", 14, ["https://", "example.com/a/", "long/path"]],
  ["x".repeat(25), 10, ["x".repeat(10), "x".repeat(10), "x".repeat(5)]],
  // A number stays whole, and a lone sign or the indentation make no line.
  ["Shipping costs 4.90", 17, ["Shipping costs ", "4.90"]],
  [`        ${"y".repeat(15)}`, 20, [`        ${"y".repeat(12)}`, "yyy"]],
  ["漢字漢字", 6, ["漢字漢", "字"]],
])("%j in %i columns breaks at blanks, or else behind punctuation", (text, columns, lines) => {
  expect(shown(text, { columns })).toEqual(lines);
});

test("no word that fits into a line is broken, however narrow it is", () => {
  const text =
    "export const total = (lines) => lines.reduce((sum, line) => sum + line.price * line.count, 0);";
  // The longest piece without a place to part it has 7 letters, and what stands before it.
  for (let columns = 10; columns <= text.length; columns++) {
    const lines = shown(text, { columns });
    expect(lines).toHaveLength(heightInLines(text, columns));
    for (const [index, line] of lines.slice(1).entries())
      expect(/\w$/.test(lines[index] ?? "") && /^\w/.test(line)).toBe(false);
  }
});

test("marks lie on what they are about", () => {
  const [line] = layOut([...plain("let "), { text: "name", kind: "function" as const }], {
    ...usual,
    changed: { start: 2, end: 6 },
    found: [{ start: 4, end: 8, isHere: true }],
  });
  expect(line?.map(({ text, isChanged, found }) => [text, isChanged, found])).toEqual([
    ["le", false, null],
    ["t ", true, null],
    ["na", true, "here"],
    ["me", false, "here"],
  ]);
});
