import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type ClaudeSimulator, startClaudeSimulator } from "./server.ts";

let simulator: ClaudeSimulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startClaudeSimulator({ apiKeys: ["key"], delayFactor: 0 });
  client = new Anthropic({ apiKey: "key", baseURL: simulator.url, maxRetries: 0 });
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

const ask = (scenario: string) => ({
  model: "claude-haiku-5-5",
  max_tokens: 4096,
  tools: [{ name: "bash", input_schema: { type: "object" as const } }],
  messages: [{ role: "user" as const, content: `Please go on [scenario:${scenario}]` }],
});
const stream = (scenario: string) => client.beta.messages.stream(ask(scenario)).finalMessage();
const json = (scenario: string) => client.beta.messages.create(ask(scenario));

async function failure(attempt: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  const error: unknown = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Anthropic.APIError) return error;
  throw new Error(`no API error: ${String(error)}`);
}

describe("faults", () => {
  test.each<[string, number, string]>([
    ["rate-limited", 429, "rate_limit_error"],
    ["overloaded", 529, "overloaded_error"],
    ["server-error", 500, "api_error"],
  ])("%s answers %d twice and then as asked, again and again", async (scenario, status, type) => {
    for (const way of [stream, json, stream]) {
      for (const _ of [1, 2]) {
        const error = await failure(way(scenario));
        expect([error.status, error.type]).toEqual([status, type as typeof error.type]);
      }
      expect((await way(scenario)).stop_reason).toBe("end_turn");
    }
  });

  test("a rate limit says when to come back", async () => {
    const error = await failure(json("rate-limited"));
    expect(error.headers?.get("retry-after")).toBe("1");
    await failure(json("rate-limited"));
    await json("rate-limited");
  });

  test("the SDK's own retries get through", async () => {
    const patient = new Anthropic({ apiKey: "key", baseURL: simulator.url, maxRetries: 2 });
    const message = await patient.beta.messages.create(ask("overloaded"));
    expect(message.stop_reason).toBe("end_turn");
  });

  test("conversations meet their faults apart from one another", async () => {
    const other = {
      ...ask("overloaded"),
      messages: [{ role: "user" as const, content: "Else [scenario:overloaded]" }],
    };
    expect((await failure(json("overloaded"))).status).toBe(529);
    for (const _ of [1, 2]) expect((await failure(client.beta.messages.create(other))).status).toBe(529);
    expect((await client.beta.messages.create(other)).stop_reason).toBe("end_turn");
    expect((await failure(json("overloaded"))).status).toBe(529);
    expect((await json("overloaded")).stop_reason).toBe("end_turn");
  });

  test("a refusal for good stays one", async () => {
    for (const _ of [1, 2, 3]) {
      expect((await failure(json("bad-request"))).status).toBe(400);
      expect((await failure(json("overloaded-forever"))).status).toBe(529);
    }
  });

  test("a stream is cut by closing the connection, and comes whole the next time", async () => {
    const seen: string[] = [];
    const cut = client.beta.messages.stream(ask("cut-mid-stream"));
    cut.on("streamEvent", (event) => void seen.push(event.type));
    const error: unknown = await cut.finalMessage().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(seen).toContain("content_block_delta");
    expect(seen).not.toContain("message_stop");
    expect((await stream("cut-mid-stream")).stop_reason).toBe("end_turn");
  });

  test("without a stream the connection is closed before any byte", async () => {
    expect((await failure(json("cut-mid-stream"))).status).toBeUndefined();
    expect((await json("cut-mid-stream")).stop_reason).toBe("end_turn");
  });

  test("a stream can fail with an error event after it began", async () => {
    const error = await failure(stream("error-mid-stream"));
    expect(error.type).toBe("overloaded_error");
    expect((await stream("error-mid-stream")).stop_reason).toBe("end_turn");
  });

  test("tool input can be no JSON, once or always", async () => {
    expect(await refusal(stream("bad-tool-json"))).toContain("Unable to parse tool parameter JSON");
    expect(await refusal(stream("bad-tool-json"))).toContain("Unable to parse tool parameter JSON");
    const once = await client.beta.messages
      .stream(ask("bad-tool-json-once"))
      .finalMessage()
      .catch((thrown: unknown) => String(thrown));
    expect(once).toContain("Unable to parse tool parameter JSON");
    expect((await stream("bad-tool-json-once")).stop_reason).toBe("tool_use");
  });

  test("a marker that names no scenario, or no parameter of it, is refused", async () => {
    expect((await failure(json("no-such-thing"))).message).toContain("there is no scenario no-such-thing");
    expect((await failure(json("say-hello colour=red"))).message).toContain("has no parameter colour");
  });

  test("a marker's values are put into the scenario", async () => {
    const first = await json("grep-for-secrets needles=Y2FuYXJ5");
    const use = first.content.find((block) => block.type === "tool_use");
    const second = await client.beta.messages.create({
      ...ask("grep-for-secrets needles=Y2FuYXJ5"),
      messages: [
        ...ask("grep-for-secrets needles=Y2FuYXJ5").messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: use?.id ?? "", content: "nothing" }] },
      ],
    });
    expect(JSON.stringify(second.content)).toContain("Y2FuYXJ5");
  });

  test("a client that leaves in the middle ends the stream, and one that stays does not", async () => {
    const leave = new AbortController();
    const slow = client.beta.messages.stream(ask("slow"), { signal: leave.signal });
    slow.on("text", () => leave.abort());
    expect(await refusal(slow.finalMessage())).toContain("APIUserAbortError");
    const record = simulator.requests.findLast((request) => request.scenario === "slow");
    while (record?.clientLeft !== true) await Bun.sleep(10);
    await stream("say-hello");
    expect(simulator.requests.at(-1)?.clientLeft).toBe(false);
  });
});
