import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { BODY_MAX_BYTES } from "./request-body.ts";
import type { ScenarioInput } from "./scenario.ts";
import { type ClaudeSimulator, startClaudeSimulator } from "./server.ts";

const KEY = "sk-ant-test-one";
const tools = [{ name: "bash", input_schema: { type: "object" as const } }];
const scenario: ScenarioInput = {
  name: "test",
  description: "two turns",
  turns: [
    {
      thinking: "The user wants to see the files, so I list them.",
      text: "I will list the files. Grüße, 世界 🌍!",
      toolUses: [{ name: "bash", input: { command: "ls -la 'Grüße 🌍' && echo done and more to split" } }],
    },
    { text: "There are three files." },
  ],
};

let simulator: ClaudeSimulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startClaudeSimulator({ apiKeys: ["sk-ant-other", KEY], scenario, delayFactor: 0 });
  client = new Anthropic({ apiKey: KEY, baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator[Symbol.asyncDispose]());

/** What a promise was refused with, as text; empty when it was kept. */
async function refusal(attempt: PromiseLike<unknown>): Promise<string> {
  return await attempt.then(
    () => "",
    (error: unknown) =>
      error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error),
  );
}

const ask = {
  model: "claude-sonnet-5-5",
  max_tokens: 4096,
  tools,
  thinking: { type: "adaptive" as const, display: "summarized" as const },
  messages: [{ role: "user" as const, content: "What is here?" }],
};
const post = (
  path: string,
  init: { headers?: Record<string, string>; body?: string; method?: string } = {},
) =>
  fetch(simulator.url + path, {
    method: init.method ?? "POST",
    headers: {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "x-api-key": KEY,
      ...init.headers,
    },
    ...(init.method === "GET" ? {} : { body: init.body ?? JSON.stringify(ask) }),
  });

describe("messages", () => {
  test("answers as JSON with thinking, text, a tool call and usage", async () => {
    const message = await client.beta.messages.create(ask);
    expect(message.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use"]);
    expect(message.stop_reason).toBe("tool_use");
    expect(message.id).toStartWith("msg_01");
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(10);
    expect(message._request_id).toStartWith("req_01");
  });

  test("streams the same answer in many pieces, through the SDK's own checks", async () => {
    const whole = await client.beta.messages.create(ask);
    const stream = client.beta.messages.stream(ask);
    let texts = 0;
    let thoughts = 0;
    let pieces = 0;
    stream.on("text", () => {
      texts += 1;
    });
    stream.on("thinking", () => {
      thoughts += 1;
    });
    stream.on("inputJson", () => {
      pieces += 1;
    });
    const message = await stream.finalMessage();
    const said = (of: typeof whole) =>
      of.content.map((block) =>
        block.type === "text"
          ? block.text
          : block.type === "thinking"
            ? block.thinking
            : "input" in block
              ? block.input
              : null,
      );
    expect(said(message)).toEqual(said(whole));
    expect(message.stop_reason).toBe("tool_use");
    expect(message.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(Math.min(texts, thoughts, pieces)).toBeGreaterThan(1);
  });

  test("sends the events in the order of the real API", async () => {
    const response = await post("/v1/messages?beta=true", { body: JSON.stringify({ ...ask, stream: true }) });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const body = await response.text();
    const events = [...body.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, name, data]) => {
      const event = JSON.parse(data ?? "") as { type: string; delta?: { type?: string } };
      expect(event.type).toBe(name ?? "");
      return event.type === "content_block_delta" ? (event.delta?.type ?? "") : event.type;
    });
    expect(events.filter((name, index) => name !== events[index - 1])).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "thinking_delta",
      "signature_delta",
      "content_block_stop",
      "content_block_start",
      "text_delta",
      "content_block_stop",
      "content_block_start",
      "input_json_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test("goes on with the next turn when the conversation has grown, and ends after the last", async () => {
    const first = await client.beta.messages.create(ask);
    const call = first.content.find((block) => block.type === "tool_use");
    const messages = [
      ...ask.messages,
      { role: "assistant" as const, content: first.content },
      {
        role: "user" as const,
        content: [{ type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "a b c" }],
      },
    ];
    const second = await client.beta.messages.create({ ...ask, messages });
    expect(second.content.at(-1)).toMatchObject({ type: "text", text: "There are three files." });
    expect(second.stop_reason).toBe("end_turn");
    const third = await client.beta.messages.create({
      ...ask,
      messages: [
        ...messages,
        { role: "assistant", content: second.content },
        { role: "user", content: "And?" },
      ],
    });
    expect(third.stop_reason).toBe("end_turn");
  });

  test("stops at max_tokens", async () => {
    const { tools: _, ...plain } = ask;
    const said = await startClaudeSimulator({
      apiKeys: [KEY],
      scenario: { name: "long", description: "long", turns: [{ text: "word ".repeat(1_000) }] },
    });
    await using _said = said;
    const other = new Anthropic({ apiKey: KEY, baseURL: said.url, maxRetries: 0 });
    const message = await other.beta.messages.create({ ...plain, max_tokens: 50 });
    expect(message.stop_reason).toBe("max_tokens");
    expect(message.usage.output_tokens).toBe(50);
    expect(message.content[0]).toMatchObject({ type: "text", text: "word ".repeat(40) });
  });

  test("says so when a scenario calls a tool that is not offered", async () => {
    const { tools: _, ...bare } = ask;
    expect(await refusal(client.beta.messages.create(bare))).toContain("the scenario calls the tool bash");
  });
});

describe("who may ask", () => {
  test.each<[string, Record<string, string>, number, string, string]>([
    ["without a key", { "x-api-key": "" }, 401, "authentication_error", "invalid x-api-key"],
    ["with a wrong key", { "x-api-key": "sk-ant-wrong" }, 401, "authentication_error", "invalid x-api-key"],
    [
      "without a version",
      { "anthropic-version": "" },
      400,
      "invalid_request_error",
      'anthropic-version: "" is not a valid version',
    ],
    [
      "with an unknown version",
      { "anthropic-version": "2030-01-01" },
      400,
      "invalid_request_error",
      'anthropic-version: "2030-01-01" is not a valid version',
    ],
    [
      "with a body that is not JSON by its type",
      { "content-type": "text/plain" },
      400,
      "invalid_request_error",
      "Content-Type must be application/json",
    ],
  ])("a request %s is refused", async (_, headers, status, type, message) => {
    const response = await post("/v1/messages", { headers });
    const requestId = response.headers.get("request-id") ?? "";
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ type: "error", error: { type, message }, request_id: requestId });
  });

  test("no header at all is refused in its own words, on every route", async () => {
    for (const path of ["/v1/messages", "/v1/messages/count_tokens", "/v1/models"]) {
      const response = await fetch(simulator.url + path, { method: path === "/v1/models" ? "GET" : "POST" });
      expect(response.status).toBe(401);
      expect(await response.text()).toContain("x-api-key header is required");
    }
    const unversioned = await fetch(`${simulator.url}/v1/models`, { headers: { "x-api-key": KEY } });
    expect(await unversioned.text()).toContain("anthropic-version: header is required");
  });

  test("a bearer token is taken as the key is", async () => {
    const right = await fetch(`${simulator.url}/v1/models`, {
      headers: { authorization: `Bearer ${KEY}`, "anthropic-version": "2023-06-01" },
    });
    expect(right.status).toBe(200);
    const wrong = await fetch(`${simulator.url}/v1/models`, { headers: { authorization: "Bearer no" } });
    expect(await wrong.text()).toContain("Invalid bearer token");
  });
});

test("in its bearer mode a key in x-api-key is none", async () => {
  await using strict = await startClaudeSimulator({ apiKeys: [KEY], header: "bearer" });
  const ask = (headers: Record<string, string>) =>
    fetch(`${strict.url}/v1/models`, { headers: { "anthropic-version": "2023-06-01", ...headers } });
  const wrong = await ask({ "x-api-key": KEY });
  expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining("Authorization: Bearer")]);
  expect((await ask({ authorization: `Bearer ${KEY}` })).status).toBe(200);
});

describe("what else it answers", () => {
  test("a body above 32 MB is too large", async () => {
    const response = await post("/v1/messages", { body: `"${"x".repeat(BODY_MAX_BYTES)}"` });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain("request_too_large");
  });

  test("a body that does not parse is refused", async () => {
    expect(await (await post("/v1/messages", { body: "{" })).text()).toContain("not valid JSON");
  });

  test("an unknown model is not found", async () => {
    expect(await refusal(client.beta.messages.create({ ...ask, model: "claude-9" }))).toContain(
      "NotFoundError",
    );
  });

  test.each([
    ["POST", "/v1/complete"],
    ["POST", "/v1/messages/batches"],
    ["GET", "/v1/messages"],
    ["GET", "/v1/files"],
    ["POST", "/v1/models"],
    ["GET", "/"],
  ])("no other route exists: %s %s", async (method, path) => {
    const response = await post(path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  test("tokens are counted the same each time, and more for more text", async () => {
    const { model, tools: offered } = ask;
    const count = async (content: string) =>
      (
        await client.beta.messages.countTokens({
          model,
          tools: offered,
          messages: [{ role: "user", content }],
        })
      ).input_tokens;
    expect(await count("Hello")).toBe(await count("Hello"));
    expect((await count("Hello ".repeat(400))) - (await count("Hello"))).toBeGreaterThan(500);
  });

  test("models are listed in pages and found by id and alias", async () => {
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 5 })) ids.push(model.id);
    expect(ids).toContain("claude-sonnet-5-5");
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(15);
    expect((await client.models.retrieve("claude-haiku-4-5")).id).toBe("claude-haiku-4-5-20251001");
    expect(await refusal(client.models.retrieve("claude-9"))).toContain("NotFoundError");
  });

  test("requests are recorded with the key's number and without the key", async () => {
    await client.beta.messages.create(ask);
    const last = simulator.requests.at(-1);
    expect(last).toMatchObject({ method: "POST", status: 200, keyIndex: 1, scenario: "test", turn: 0 });
    expect(last?.body).toMatchObject({ model: "claude-sonnet-5-5" });
    expect(JSON.stringify(simulator.requests)).not.toContain(KEY);
  });

  test("a default scenario that does not exist is refused at the start", async () => {
    expect(await refusal(startClaudeSimulator({ apiKeys: [KEY], scenario: "no-such" }))).toContain(
      "there is no scenario no-such",
    );
  });
});
