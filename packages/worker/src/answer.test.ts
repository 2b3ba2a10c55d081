import { expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { Delta } from "@farhand/protocol";
import { readAnswer } from "./answer.ts";
import { describeModelError } from "./model-errors.ts";

const START = {
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    content: [],
    model: "m",
    stop_reason: null,
    usage: {},
  },
};
const STOP = { type: "message_stop" };
const end = (stopReason: string | null) => ({
  type: "message_delta",
  delta: { stop_reason: stopReason },
  usage: {},
});
const block = (index: number, content: object, ...deltas: object[]) => [
  { type: "content_block_start", index, content_block: content },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];
const text = (value: string) => block(0, { type: "text", text: "" }, { type: "text_delta", text: value });
const sse = (events: { type: string }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");

/** Reads an answer whose body is made of these pieces; `finish` says how the body ends. */
async function read(
  pieces: string,
  finish: (controller: ReadableStreamDefaultController) => void,
  stallMs = 60_000,
) {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(pieces));
      finish(controller);
    },
  });
  const headers = { "content-type": "text/event-stream" };
  const fetch = async () => new Response(body, { headers });
  const client = new Anthropic({
    apiKey: "k",
    authToken: null,
    baseURL: "http://x",
    maxRetries: 0,
    logLevel: "off",
    fetch,
  });
  const deltas: Delta[] = [];
  const ended: string[] = [];
  const stream = client.beta.messages.stream({
    model: "m",
    max_tokens: 1,
    messages: [{ role: "user", content: "x" }],
  });
  const options = {
    onDelta: (delta: Delta) => deltas.push(delta),
    onEnd: (id: string) => ended.push(id),
    stallMs,
  };
  const result = await readAnswer(stream, options).then(
    (message) => ({ message, trouble: null }),
    (error: unknown) => ({ message: null, trouble: describeModelError(error, new Date()) }),
  );
  return { ...result, deltas, ended };
}

const close = (controller: ReadableStreamDefaultController) => controller.close();

test("text, thoughts and tool input pass on as they come, each with its block", async () => {
  const events = [
    START,
    ...block(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "hm" },
    ),
    ...block(
      1,
      { type: "text", text: "" },
      { type: "text_delta", text: "a" },
      { type: "text_delta", text: "b" },
    ),
    ...block(
      2,
      { type: "tool_use", id: "t", name: "bash", input: {} },
      { type: "input_json_delta", partial_json: '{"a":1}' },
    ),
    end("tool_use"),
    STOP,
  ];
  const { message, deltas, ended } = await read(sse(events), close);
  expect(message?.content[2]).toMatchObject({ type: "tool_use", input: { a: 1 } });
  expect(deltas.map(({ index, kind, text: piece }) => [index, kind, piece])).toEqual([
    [0, "thinking", "hm"],
    [1, "text", "a"],
    [1, "text", "b"],
    [2, "tool_input", '{"a":1}'],
  ]);
  expect(ended).toEqual(["msg_1"]);
});

test("an answer that ends or breaks before its last event is not taken for a whole one", async () => {
  const half = sse([START, ...text("half"), end("end_turn")]);
  expect((await read(half, close)).trouble?.kind).toBe("unreachable");
  const broken = await read(half, (controller) => setTimeout(() => controller.error(new Error("reset")), 5));
  expect(broken.trouble?.kind).toBe("unreachable");
});

test("events that are not JSON, and an answer that does not say why it ended, cannot be read", async () => {
  expect(
    (await read(`${sse([START])}event: content_block_start\ndata: {nonsense\n\n`, close)).trouble?.kind,
  ).toBe("bad_answer");
  expect((await read(sse([START, ...text("x"), end(null), STOP]), close)).trouble?.kind).toBe("bad_answer");
});

test("a tool call cut by the token limit is passed on as it is, and one cut otherwise is not", async () => {
  const cut = block(
    0,
    { type: "tool_use", id: "t", name: "bash", input: {} },
    { type: "input_json_delta", partial_json: '{"a":' },
  );
  expect((await read(sse([START, ...cut, end("max_tokens"), STOP]), close)).message?.stop_reason).toBe(
    "max_tokens",
  );
  expect((await read(sse([START, ...cut, end("tool_use"), STOP]), close)).trouble?.kind).toBe("bad_answer");
});
