import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type ClaudeSimulator, type OutageKind, startClaudeSimulator } from "./server.ts";

let simulator: ClaudeSimulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startClaudeSimulator({ apiKeys: ["key"], delayFactor: 0 });
  client = new Anthropic({ apiKey: "key", baseURL: simulator.url, maxRetries: 0 });
});
beforeEach(() => simulator.setOutage(null));
afterAll(() => simulator[Symbol.asyncDispose]());

const ask = (text: string) => ({
  model: "claude-haiku-5-5",
  max_tokens: 4096,
  messages: [{ role: "user" as const, content: text }],
});
const json = () => client.beta.messages.create(ask("Hello."));
const stream = () => client.beta.messages.stream(ask("Hello.")).finalMessage();
const models = async () => void (await client.beta.models.list());

async function failure(attempt: Promise<unknown>): Promise<InstanceType<typeof Anthropic.AnthropicError>> {
  const error: unknown = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Anthropic.AnthropicError) return error;
  throw new Error(`no error of the SDK: ${String(error)}`);
}

describe("an outage", () => {
  test.each<[OutageKind, number]>([
    ["overloaded", 529],
    ["rate_limited", 429],
  ])("%s answers every request with %d until it is over", async (kind, status) => {
    simulator.setOutage(kind);
    for (const attempt of [json, stream, models, json])
      expect(await failure(attempt())).toMatchObject({ status });
    simulator.setOutage(null);
    expect((await json()).stop_reason).toBe("end_turn");
    expect((await stream()).stop_reason).toBe("end_turn");
  });

  test("rate_limited says to come back soon", async () => {
    simulator.setOutage("rate_limited");
    const error = await failure(json());
    if (!(error instanceof Anthropic.APIError)) throw error;
    expect(error.headers?.get("retry-after")).toBe("1");
  });

  test("down closes the connection before any byte", async () => {
    simulator.setOutage("down");
    for (const attempt of [json, stream, models])
      expect(await failure(attempt())).toBeInstanceOf(Anthropic.APIConnectionError);
    expect(simulator.requests.at(-1)).toMatchObject({ status: 0, clientLeft: false });
    simulator.setOutage(null);
    expect((await stream()).stop_reason).toBe("end_turn");
  });

  test("down breaks the answer that is under way", async () => {
    const slow = client.beta.messages.stream(ask("Go on. [scenario:slow]"));
    slow.on("text", () => simulator.setOutage("down"));
    await failure(slow.finalMessage());
    expect(simulator.requests.findLast(({ scenario }) => scenario === "slow")?.clientLeft).toBe(false);
  });

  test("cut begins each stream and breaks it, and leaves the scenario where it is", async () => {
    simulator.setOutage("cut");
    const seen: string[] = [];
    const cut = client.beta.messages.stream(ask("Hello."));
    cut.on("streamEvent", (event) => void seen.push(event.type));
    await failure(cut.finalMessage());
    expect(seen).toContain("content_block_delta");
    expect(seen).not.toContain("message_stop");
    expect(simulator.requests.at(-1)).toMatchObject({ status: 200, scenario: null, clientLeft: false });
    await failure(json());
    await failure(models());
    simulator.setOutage(null);
    expect((await stream()).stop_reason).toBe("end_turn");
    expect(simulator.requests.at(-1)).toMatchObject({ scenario: "say-hello", turn: 0 });
  });
});
