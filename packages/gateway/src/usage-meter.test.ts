import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { meterFor } from "./usage-meter.ts";

const start = {
  type: "message_start",
  message: {
    id: "msg_1",
    model: "claude-sonnet-5-5",
    usage: {
      input_tokens: 12,
      output_tokens: 1,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 400,
    },
  },
};
const text = {
  type: "content_block_delta",
  index: 0,
  delta: { type: "text_delta", text: 'é 漢 {"usage": 7}' },
};
const delta = (outputTokens: number) => ({
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage: { output_tokens: outputTokens },
});
const stop = { type: "message_stop" };

function sse(events: { type: string }[], newline = "\n"): string {
  return events
    .map((event) => `event: ${event.type}${newline}data: ${JSON.stringify(event)}${newline}${newline}`)
    .join("");
}

function meterText(contentType: string, whole: string, sizes: number[] = []) {
  const meter = meterFor(contentType);
  const bytes = new TextEncoder().encode(whole);
  let at = 0;
  for (const size of sizes) {
    meter.push(bytes.slice(at, at + size));
    at += size;
  }
  meter.push(bytes.slice(at));
  return meter.read();
}

const whole = {
  model: "claude-sonnet-5-5",
  usage: {
    inputTokens: 12,
    outputTokens: 55,
    cacheCreationInputTokens: 30,
    cacheReadInputTokens: 400,
    longCacheTokens: 0,
  },
  isEstimated: false,
};

describe("metering a streamed answer", () => {
  test("gives the same whatever the chunks and the line ends", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(60), { maxLength: 60 }),
        (newline, sizes) => {
          const stream = sse([start, text, delta(20), text, delta(55), stop], newline);
          expect(meterText("text/event-stream; charset=utf-8", stream, sizes)).toEqual(whole);
        },
      ),
    );
  });

  test("gives the same byte by byte", () => {
    const stream = sse([start, text, delta(55)], "\r\n");
    expect(meterText("text/event-stream", stream, Array(stream.length).fill(1))).toEqual(whole);
  });

  test("reckons what no total has told of when the stream was cut, and says so", () => {
    const cut = (...events: { type: string }[]) => {
      const metered = meterText("text/event-stream", `${sse(events)}data: {"type"`);
      return [metered?.usage.outputTokens, metered?.isEstimated];
    };
    expect(cut(start)).toEqual([1, true]);
    // 19 bytes of words.
    expect(cut(start, text)).toEqual([8, true]);
    expect(cut(start, text, delta(20))).toEqual([20, false]);
    expect(cut(start, text, delta(20), text, text)).toEqual([33, true]);
  });

  test("reckons by everything that the model writes, and by nothing else", () => {
    const piece = (content: object) => ({ type: "content_block_delta", index: 0, delta: content });
    const stream = sse([
      start,
      piece({ type: "text_delta", text: "123" }),
      piece({ type: "thinking_delta", thinking: "456" }),
      piece({ type: "input_json_delta", partial_json: "789" }),
      piece({ type: "signature_delta", signature: "x".repeat(1000) }),
      { type: "ping" },
    ]);
    expect(meterText("text/event-stream", stream)?.usage.outputTokens).toBe(1 + 3);
  });

  test("takes later totals of the input too", () => {
    const late = { type: "message_delta", usage: { input_tokens: 99, output_tokens: 5 } };
    expect(meterText("text/event-stream", sse([start, late]))?.usage).toEqual({
      inputTokens: 99,
      outputTokens: 5,
      cacheCreationInputTokens: 30,
      cacheReadInputTokens: 400,
      longCacheTokens: 0,
    });
  });

  test.each([
    ["an error event", sse([{ type: "error", usage: { output_tokens: 3 } } as { type: string }])],
    ["nothing", ""],
    ["lines that are not JSON", 'data: {"usage"\n\n'],
    ["a start without a model", 'data: {"type":"message_start","message":{"usage":{}}}\n\n'],
  ])("finds no usage in %s", (_, stream) => {
    expect(meterText("text/event-stream", stream)).toBeNull();
  });
});

describe("metering a JSON answer", () => {
  test("reads its usage, with absent kinds as nothing", () => {
    const body = JSON.stringify({
      model: "m",
      usage: { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: null },
    });
    expect(meterText("application/json", body, [5, 5])).toEqual({
      model: "m",
      usage: {
        inputTokens: 3,
        outputTokens: 4,
        cacheCreationInputTokens: 0,
        cacheReadInputTokens: 0,
        longCacheTokens: 0,
      },
      isEstimated: false,
    });
  });

  test.each(['{"input_tokens": 12}', '{"data": []}', '{"type":"error"}', "<html>", ""])(
    "finds no usage in %s",
    (body) => {
      expect(meterText("application/json", body)).toBeNull();
    },
  );
});

test("tells what the cache keeps for an hour from the rest that it keeps", () => {
  const body = JSON.stringify({
    model: "m",
    usage: {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: 50,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
    },
  });
  expect(meterText("application/json", body)?.usage).toMatchObject({
    cacheCreationInputTokens: 50,
    longCacheTokens: 30,
  });
});
