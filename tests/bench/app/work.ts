import type { ContentBlock, WorkerEvent } from "@farhand/protocol";

const FILES = ["src/money.js", "src/cart.js", "src/discount.js", "src/shipping.js", "test/cart.test.js"];
const MODEL = "claude-sonnet-4-5";

const PROSE = [
  "A total is made in **one** place, `Cart.total()`, and each line is rounded before it is added.",
  "That is where the error comes from: three lines that end in half a cent make a total that is a cent too high.",
  "I'll round the sum alone, and keep the lines as they are.",
];

const CODE =
  "```js\nexport function total(lines) {\n  // Rounded once, or errors add up.\n  const sum = lines.reduce((all, { price, count }) => all + price * count, 0);\n  return Math.round(sum);\n}\n```";

const TABLE = "| cents | rounded |\n| ---: | ---: |\n| 1232 | 1230 |\n| 1233 | 1235 |";

/** What an agent says of its nth step: mostly a sentence, now and then a plan with code. */
export function speech(n: number): string {
  if (n % 25 !== 0) return `Step ${n}. ${PROSE[n % PROSE.length]}`;
  return [`## Plan ${n}`, "- read\n- change\n- test", CODE, TABLE, ...PROSE].join("\n\n");
}

/** An answer of about so many pieces, as an agent gives one that explains its work. */
export function longSpeech(n: number, pieces: number): string {
  const parts: string[] = [`# Report ${n}`];
  while (parts.join("\n\n").length < pieces * PIECE) parts.push(...PROSE, CODE, TABLE);
  return parts.join("\n\n");
}

/** Characters of a piece, about two tokens of a model's. */
const PIECE = 8;

export function piecesOf(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${PIECE}}`, "g")) ?? [];
}

function output(n: number): string {
  return Array.from(
    { length: 12 },
    (_, line) => `ok ${n + line} - a total is rounded once (${line} ms)`,
  ).join("\n");
}

/** An answer with two tools, and what came of them: five events. */
export function step(n: number, text = speech(n)): WorkerEvent[] {
  const file = FILES[n % FILES.length] ?? "";
  const tools = [
    {
      id: `toolu_${n}_a`,
      name: "bash",
      input: { command: `node --test ${file} | tail -n 12` },
      label: `node --test ${file}`,
    },
    {
      id: `toolu_${n}_b`,
      name: "edit",
      input: {
        file_path: file,
        old_string: `return sum / ${n};`,
        new_string: `return Math.round(sum / ${n});`,
      },
      label: file,
    },
  ];
  const uses: ContentBlock[] = tools.map(({ id, name, input }) => ({ type: "tool_use", id, name, input }));
  return [
    {
      type: "assistant.message",
      messageId: messageId(n),
      model: MODEL,
      content: [{ type: "text", text }, ...uses],
      stopReason: "tool_use",
    },
    ...tools.flatMap(({ id, name, label }, index): WorkerEvent[] => [
      { type: "tool.started", toolUseId: id, name, label },
      {
        type: "tool.finished",
        toolUseId: id,
        name,
        isError: false,
        content: index === 0 ? output(n) : `The file ${file} was edited.`,
        durationMs: 40 + (n % 100),
      },
    ]),
  ];
}

export function answer(id: string, text: string): WorkerEvent {
  return {
    type: "assistant.message",
    messageId: id,
    model: MODEL,
    content: [{ type: "text", text }],
    stopReason: "end_turn",
  };
}

export const messageId = (n: number): string => `msg_${n}`;
