import { expect, test } from "bun:test";
import { modelClient } from "./model-client.ts";
import { describeModelError } from "./model-errors.ts";

const PING = "event: ping\ndata: {}\n\n";
const START = `event: message_start\ndata: ${JSON.stringify({
  type: "message_start",
  message: {
    id: "m",
    type: "message",
    role: "assistant",
    content: [],
    model: "m",
    stop_reason: null,
    usage: {},
  },
})}\n\n`;
const END = `event: message_delta\ndata: ${JSON.stringify({
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage: {},
})}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;

async function ask(silenceMs: number, write: (controller: ReadableStreamDefaultController) => Promise<void>) {
  let left = false;
  const body = new ReadableStream({
    start: (controller) => void write(controller),
    cancel: () => {
      left = true;
    },
  });
  const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
  const client = modelClient({ fetch }, { token: "t", silenceMs });
  const request = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "x" }] };
  const answer = await client.beta.messages
    .stream(request)
    .finalMessage()
    .catch((error: unknown) => describeModelError(error, new Date()));
  return { answer, left: () => left };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("an answer that falls silent is given up, and its connection too", async () => {
  const { answer, left } = await ask(20, async (controller) => controller.enqueue(bytes(START)));
  expect(answer).toMatchObject({ kind: "unreachable", message: "nothing came for 0.02 seconds" });
  expect(left()).toBe(true);
});

test("signs of life keep a slow answer alive", async () => {
  const { answer } = await ask(400, async (controller) => {
    controller.enqueue(bytes(START));
    for (let count = 0; count < 30; count++) {
      await Bun.sleep(20);
      controller.enqueue(bytes(PING));
    }
    controller.enqueue(bytes(END));
    controller.close();
  });
  expect(answer).toMatchObject({ id: "m", stop_reason: "end_turn" });
});

test("a call that is held before its answer is waited for beyond the SDK's own ten minutes", () => {
  const { timeout } = modelClient({ fetch: async () => new Response() }, { token: "t", silenceMs: 1000 });
  expect(timeout).toBeGreaterThan(7 * 24 * 60 * 60_000);
});
