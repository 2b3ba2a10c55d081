import { expect, test } from "bun:test";
import fc from "fast-check";
import { frame, liveScreen, plainScreen } from "./screen.ts";

/** What a terminal of endless height shows after some output: knows just the sequences that frames use. */
function display(output: string): string[] {
  const rows = [""];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: reading terminal output
  for (const [token] of output.matchAll(/\u001b\[\?\d+[hl]|\u001b\[\d*[AJ]|[\s\S]/g)) {
    if (token === "\n") {
      row += 1;
      column = 0;
      rows[row] ??= "";
    } else if (token === "\r") column = 0;
    else if (token.endsWith("A") && token.length > 1) row -= Number(token.slice(2, -1));
    else if (token.endsWith("J") && token.length > 1) {
      rows.length = row + 1;
      rows[row] = (rows[row] ?? "").slice(0, column);
    } else if (token.length === 1) {
      rows[row] = (rows[row] ?? "").slice(0, column) + token;
      column += 1;
    }
  }
  return rows;
}

test("whatever is drawn below, the page keeps every finished line and shows the last picture", () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 6 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.record({ finished: lines, live: lines }), { maxLength: 8 }), (steps) => {
      let output = "";
      let drawn = 0;
      for (const step of steps) {
        output += frame(drawn, step.finished, step.live);
        drawn = step.live.length;
      }
      const page = steps.flatMap((step) => step.finished);
      const below = steps.at(-1)?.live ?? [];
      expect(display(output)).toEqual([...page, ...(below.length > 0 ? below : [""])]);
    }),
  );
});

test("a live screen leaves nothing of its own behind and gives the cursor back", () => {
  let output = "";
  const stream = { columns: 20, write: (text: string) => (output += text) };
  {
    using screen = liveScreen(stream);
    screen.setLive(() => ["working on something that is far too long for this"]);
    screen.print(["done one"]);
    expect(display(output)).toEqual(["done one", "working on somethin"]);
  }
  expect(display(output)).toEqual(["done one", ""]);
  expect(output.endsWith("\u001b[?25h")).toBe(true);
});

test("a plain screen writes lines and nothing else", () => {
  let output = "";
  using screen = plainScreen({ write: (text) => (output += text) });
  screen.setLive(() => ["never shown"]);
  screen.print(["one", "two"]);
  expect(output).toBe("one\ntwo\n");
});
