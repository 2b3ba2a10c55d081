import { expect, test } from "bun:test";
import fc from "fast-check";
import { createColors } from "picocolors";
import { CANNED_DIFF, cannedRun } from "../../test/canned-run.ts";
import { diffLines } from "./diff.ts";
import { Page } from "./page.ts";
import { statusLines } from "./status-line.ts";
import { summaryBox } from "./summary-box.ts";
import { EMPTY_TRANSCRIPT, type Passage, readItem } from "./transcript.ts";
import { widthOf } from "./wrap.ts";

const plain = createColors(false);

function render(items = cannedRun(), options: { width?: number; announceTools?: boolean } = {}) {
  const { width = 80, announceTools = true } = options;
  const page = new Page({ colors: plain, width, announceTools });
  const lines: string[] = [];
  let transcript = EMPTY_TRANSCRIPT;
  for (const item of items) {
    const step = readItem(transcript, item);
    transcript = step.transcript;
    for (const passage of step.passages) lines.push(...page.add(passage));
  }
  lines.push(...page.add({ type: "prose-end" }));
  return { lines, transcript };
}

function lay(passages: Passage[], width = 40): string[] {
  const page = new Page({ colors: plain, width, announceTools: false });
  return [...passages, { type: "prose-end" as const }].flatMap((passage) => page.add(passage));
}

test("a run reads from top to bottom", () => {
  expect(render().lines.join("\n")).toBe(
    `
  › The test of the cart's total fails. Find out why and mend it.

  task        t_01j9z3k4m5n6p7q8r9s0t1v2w3
  repository  https://github.com/acme/cart.git
  branch      farhand/mend-the-cart-total
  model       claude-sonnet-5-5

  · queued → starting
  · attempt 1 in sandbox docker
  · main is at 11111111 (176 ms)
  · worker started in 21 ms
  · cloned in 84 ms
  · starting → running

  (thinking) The total is probably off by one item; the test will tell which.

  I'll look at what is here first, then run the tests to see how they fail.

  ● bash  git ls-files
  │ package.json
  │ src/cart.js
  │ test/cart.test.js
  ╰ ✓ 31 ms

  ● read  src/cart.js
  ╰ ✓ 34 lines, 3 ms

  ● bash  node --test
  │ … 33 more lines
  │ # Subtest: case 34
  │ # Subtest: case 35
  │ # Subtest: case 36
  │ # Subtest: case 37
  │ # Subtest: case 38
  │ # Subtest: case 39
  │ # Subtest: case 40
  │ not ok 3 - the total has every item
  │   expected: 30
  │   actual: 20
  │ # fail 1
  ╰ ✗ 412 ms

  The loop in \`src/cart.js\` stops **one item early**:

  - it runs while \`i < items.length - 1\`, so the last price is never added to
    the sum
  - the test with three items is the first to see it

  ! The model was overloaded (529); trying again in 2 s.

  ● edit  src/cart.js
  │ The file src/cart.js has been edited.
  ╰ ✓ 4 ms

  ● bash  node --test
  │ # tests 43
  │ # pass 43
  │ # fail 0
  ╰ ✓ 398 ms

  All 43 tests pass now.

  · committed 22222222
  · checkpoint 22222222
  · sandbox removed
  · pushed farhand/mend-the-cart-total (2 files, +2 −1)
  · pull request #7 opened
  · running → idle
`.slice(1, -1),
  );
});

test("what came of it stands in a box that never cuts an address", () => {
  const { transcript } = render();
  const long = `https://github.com/${"a".repeat(80)}/pull/7`;
  const box = summaryBox({ ...transcript, pullRequestUrl: long }, { colors: plain, width: 60 });
  expect(box.join("\n")).toBe(
    `
  ╭─ ✓ Count the last item in the cart's total ─────────────
  │ \`total\` left out the last item, because its loop ended
  │ at \`length - 1\`.
  │ It now runs over all items; the failing test passes, and
  │ so do the other 42.
  │
  │ branch        farhand/mend-the-cart-total
  │ pull request  ${long}
  │ changes       2 files, +2 −1
  │ took          3.3 s · 3 model calls · 7.3k tokens in, 480 out
  │ cost          $0.0126
  ╰─────────────────────────────────────────────────────────
`.slice(1, -1),
  );
});

test("a failed task says why and what to do", () => {
  const failure = {
    code: "model_key_refused" as const,
    message: "The key was refused.",
    action: "Set another.",
    retryable: false,
  };
  const box = summaryBox(
    { ...EMPTY_TRANSCRIPT, state: "failed", failure },
    { colors: plain, width: 40 },
  ).join("\n");
  expect(box).toContain("✗ The task failed");
  expect(box).toContain("│ The key was refused.\n  │\n  │ Set another.");
});

test("a diff loses git's lines for machines and keeps the rest", () => {
  expect(
    diffLines({ text: CANNED_DIFF, truncated: false }, { colors: plain, width: 80, maxLines: 8 }),
  ).toEqual([
    "  src/cart.js",
    "  @@ -3,7 +3,7 @@ export function total(items) {",
    "     let sum = 0;",
    "  -  for (let i = 0; i < items.length - 1; i++) {",
    "  +  for (let i = 0; i < items.length; i++) {",
    "       sum += items[i].price;",
    "     }",
    "     return sum;",
    "  … 5 more lines",
  ]);
});

test("added and removed lines have their colours, and escapes in them do nothing", () => {
  const colors = createColors(true);
  const text = "diff --git a/x b/x\n@@ -1 +1 @@\n-old\n+new\u001b[2J\n";
  const lines = diffLines({ text, truncated: false }, { colors, width: 80, maxLines: 8 });
  expect(lines).toContain(`  ${colors.red("-old")}`);
  expect(lines).toContain(`  ${colors.green("+new<U+001B>[2J")}`);
});

test("a tool's output is cut to its last lines, a reading tool's to a count", () => {
  const output = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join("\n");
  const tool = {
    type: "tool-finished" as const,
    toolUseId: "t",
    label: "x",
    isError: false,
    output,
    durationMs: 5,
  };
  const shell = lay([{ ...tool, name: "bash" }]);
  expect(shell.slice(0, 3)).toEqual(["  ● bash  x", "  │ … 29 more lines", "  │ line 30"]);
  expect(shell).toHaveLength(14);
  expect(lay([{ ...tool, name: "read" }])).toEqual(["  ● read  x  ✓ 40 lines, 5 ms"]);
});

test("tools that end out of order have their heading with them", () => {
  const started = (id: string): Passage => ({ type: "tool-started", toolUseId: id, name: "bash", label: id });
  const finished = (id: string): Passage => ({
    type: "tool-finished",
    toolUseId: id,
    name: "bash",
    label: id,
    isError: false,
    output: `output of ${id}`,
    durationMs: 5,
  });
  const page = new Page({ colors: plain, width: 40, announceTools: true });
  const lines = [started("a"), started("b"), finished("a"), finished("b")].flatMap((passage) =>
    page.add(passage),
  );
  expect(lines.join("\n")).toBe(
    "  ● bash  a\n\n  ● bash  b\n\n  ● bash  a\n  │ output of a\n  ╰ ✓ 5 ms\n\n  ● bash  b\n  │ output of b\n  ╰ ✓ 5 ms",
  );
});

test("escape sequences of a model or a tool never reach the terminal", () => {
  const evil = "\u001b]52;c;ZXZpbA==\u0007\u001b[2Jx\u009b1A";
  const lines = lay([
    {
      type: "header",
      taskId: evil,
      repository: evil,
      branch: evil,
      model: evil,
      prompt: evil,
      forkedFrom: { taskId: evil, turn: 1 },
    },
    { type: "prose", kind: "text", text: "\u001b" },
    { type: "prose", kind: "text", text: "[2Jtext" },
    { type: "user", text: evil },
    {
      type: "tool-finished",
      toolUseId: "t",
      name: evil,
      label: evil,
      isError: true,
      output: evil,
      durationMs: 1,
    },
    { type: "note", text: evil },
    { type: "notice", level: "warning", text: evil },
  ]);
  const title = {
    ...EMPTY_TRANSCRIPT,
    state: "idle" as const,
    title: evil,
    summary: evil,
    branch: evil,
    pullRequestUrl: evil,
  };
  lines.push(...summaryBox(title, { colors: plain, width: 60 }));
  const running = new Map([["t", { name: evil, label: evil, startedAtMs: 0 }]]);
  const context = { colors: plain, width: 60, nowMs: 0, startedAtMs: 0, hint: "Ctrl-C stops" };
  lines.push(...statusLines({ ...EMPTY_TRANSCRIPT, runningTools: running }, context));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for control characters
  expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test("prose reads the same in whatever pieces it streams, and no line is too wide", () => {
  const words = fc.array(
    fc.constantFrom("a", "word", "  ", " ", "\n", "\n\n", "- ", "averyverylongwordindeed", "日本"),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(words, (pieces) => {
      const streamed = lay(
        pieces.map((text) => ({ type: "prose" as const, kind: "text" as const, text })),
        24,
      );
      for (const line of streamed) expect(widthOf(line)).toBeLessThanOrEqual(24);
      const letters = (text: string) => text.replace(/\s/g, "");
      expect(letters(streamed.join(""))).toBe(letters(pieces.join("")));
    }),
  );
});
