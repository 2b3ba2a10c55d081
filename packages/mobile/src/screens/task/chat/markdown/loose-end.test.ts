import { withoutLooseEnd } from "./loose-end.ts";
import { parseMarkdown } from "./parse.ts";

/** What agents write, each with marks that mean nothing before the next character is there. */
const PIECES = [
  "Some *emphasis* and **strong words** with `code` and a [link](https://example.com/a) end.",
  "# Title",
  "## Second **bold**",
  "- one\n- two **b**\n  - nested\n- three",
  "1. one\n2. two\n10. ten",
  "```ts\nconst a = `x`;\n// **no**\n| x |\n- y\n1\n```",
  "after ``a`b`` end",
  "| a | b |\n|---|---|\n| 1 | **2** |",
  "> quote **b**\n> more",
  "~~gone~~ and ***both*** and snake_case_name and 2 * 3 * 4",
  "a_b and __strong__ and _em_ done, $5 and $6",
  "- [ ] todo\n- [x] done",
  "---",
  "Title\n===",
  "![img](https://example.com/a.png) then <br> and &amp; done",
  "Wow! That is a < b && c > d. It's **done**!",
  "**Note:** see [`file.ts`](https://x.example/z) and [**b**](https://x.example)",
];

interface Piece {
  type: string;
  text?: string;
  tokens?: readonly Piece[];
  items?: readonly Piece[];
  /** Of a table its cells; of a cell whether it is one of these. */
  header?: readonly Piece[] | boolean;
  rows?: readonly (readonly Piece[])[];
}

/** The characters that a reader sees, without spaces and line breaks. */
function seen(pieces: readonly Piece[]): string {
  const texts = pieces.map((it): string => {
    if (it.type === "code" || it.type === "codespan") return it.text ?? "";
    if (Array.isArray(it.header)) return seen([...it.header, ...(it.rows ?? []).flat()]);
    if (it.items ?? it.tokens) return seen(it.items ?? it.tokens ?? []);
    return it.type === "text" || it.type === "escape" ? (it.text ?? "") : "";
  });
  return texts.join("").replace(/[\s\u200b]+/g, "");
}

const shownOf = (text: string, isStreaming: boolean) =>
  seen(parseMarkdown(text, isStreaming) as readonly Piece[]);

/** The same numbers each time, so that what fails once fails again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function expectToGrow(text: string): void {
  let before = "";
  for (let length = 1; length <= text.length; length++) {
    const now = shownOf(text.slice(0, length), length < text.length);
    if (!now.startsWith(before))
      throw new Error(`after ${JSON.stringify(text.slice(0, length))}: ${before} became ${now}`);
    before = now;
  }
  expect(before).toBe(shownOf(text, false));
}

test.each(PIECES)("what was shown once stays, however the text is cut: %j", expectToGrow);

test("what was shown once stays in texts of many parts", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = numbers(seed);
    const parts = Array.from({ length: 4 }, () => PIECES[next(PIECES.length)] ?? "");
    expectToGrow(parts.join("\n\n"));
  }
});

test("only what is loose is held back", () => {
  expect(withoutLooseEnd("It is **bold")).toBe("It is **bold");
  expect(withoutLooseEnd("It is **")).toBe("It is ");
  expect(withoutLooseEnd("See [the run]")).toBe("See [the run");
  expect(withoutLooseEnd("one\n\n| a | b |\n|--")).toBe("one\n\n");
  expect(withoutLooseEnd("one\n\n| a | b |\n|---|---|\n| 1")).toBe("one\n\n| a | b |\n|---|---|\n| 1");
  expect(withoutLooseEnd("1999")).toBe("");
  expect(withoutLooseEnd("In 1999")).toBe("In 1999");
});
