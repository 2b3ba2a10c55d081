import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type ClaudeSimulator, startClaudeSimulator } from "./server.ts";

type Params = Anthropic.Beta.Messages.MessageCreateParamsNonStreaming;
const call = { name: "bash", input: { command: "ls" } };
let simulator: ClaudeSimulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startClaudeSimulator({
    apiKeys: ["key"],
    delayFactor: 0,
    scenario: {
      name: "thinks",
      description: "thinks in every turn",
      turns: [
        { thinking: "First thought", text: "First words", toolUses: [call] },
        { thinking: "Second thought", text: "A word on the way", toolUses: [call] },
        { text: "Done" },
      ],
    },
  });
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

const base: Params = {
  model: "claude-sonnet-5-5",
  max_tokens: 1000,
  system: "You work on code.",
  tools: [{ name: "bash", input_schema: { type: "object" } }],
  messages: [{ role: "user", content: "Go" }],
};

/** The request after the first turn was answered. */
async function afterFirst(params: Params): Promise<Params> {
  const first = await client.beta.messages.create(params);
  const use = first.content.find((block) => block.type === "tool_use");
  return {
    ...params,
    messages: [
      ...params.messages,
      { role: "assistant", content: first.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: use?.id ?? "", content: "files" }] },
    ],
  };
}

async function shown(params: Params): Promise<string[]> {
  const { content } = await client.beta.messages.create(params);
  return content.map((block) =>
    block.type === "thinking"
      ? `thinking:${block.thinking}`
      : block.type === "text"
        ? `text:${block.text}`
        : block.type,
  );
}

describe("what is shown of thinking", () => {
  test("nothing by default on current models, though the signed block is there", async () => {
    expect(await shown(base)).toEqual(["thinking:", "text:First words", "tool_use"]);
  });

  test("its text when the request wants it summarized", async () => {
    const summarized: Params = { ...base, thinking: { type: "adaptive", display: "summarized" } };
    expect(await shown(summarized)).toEqual(["thinking:First thought", "text:First words", "tool_use"]);
  });

  test("text between tool calls comes as thinking, and is hidden like it", async () => {
    expect(await shown(await afterFirst(base))).toEqual(["thinking:", "thinking:", "tool_use"]);
    const updates: Params = { ...base, thinking: { type: "adaptive", display: "updates" } };
    expect(await shown(await afterFirst(updates))).toEqual([
      "thinking:",
      "thinking:A word on the way",
      "tool_use",
    ]);
    const between: Params = { ...base, thinking: { type: "between_tools" } };
    expect(await shown(await afterFirst(between))).toEqual(["thinking:A word on the way", "tool_use"]);
  });

  test("models before them give text between tool calls as text", async () => {
    expect(await shown(await afterFirst({ ...base, model: "claude-sonnet-5" }))).toEqual([
      "thinking:",
      "text:A word on the way",
      "tool_use",
    ]);
  });
});

describe("thinking that comes back", () => {
  const bound = "The block is bound to a different conversation";

  test("is taken when all before it is as it was, wherever cache marks stand", async () => {
    const next = await afterFirst(base);
    expect((await client.beta.messages.create(next)).stop_reason).toBe("tool_use");
    const moved: Params = {
      ...next,
      system: [{ type: "text", text: "You work on code.", cache_control: { type: "ephemeral" } }],
    };
    expect((await client.beta.messages.create(moved)).stop_reason).toBe("tool_use");
  });

  test.each<[string, (params: Params) => Params]>([
    ["the system prompt", (params) => ({ ...params, system: "You work on other code." })],
    [
      "a tool",
      (params) => ({
        ...params,
        tools: [{ name: "bash", description: "new", input_schema: { type: "object" } }],
      }),
    ],
    [
      "the first message",
      (params) => ({ ...params, messages: [{ role: "user", content: "Gone" }, ...params.messages.slice(1)] }),
    ],
  ])("is refused after a change of %s", async (_, change) => {
    expect(await refusal(client.beta.messages.create(change(await afterFirst(base))))).toContain(bound);
  });

  test("is refused when its own text was changed", async () => {
    const next = await afterFirst({ ...base, thinking: { type: "adaptive", display: "summarized" } });
    const messages = structuredClone(next.messages);
    const content = messages[1]?.content;
    const block = typeof content === "object" ? content[0] : undefined;
    if (block?.type === "thinking") block.thinking = "Other thoughts";
    expect(await refusal(client.beta.messages.create({ ...next, messages }))).toContain(
      "Invalid `signature` in `thinking` block",
    );
  });

  test("is passed over when another model made it", async () => {
    const next = await afterFirst(base);
    const other = await client.beta.messages.create({ ...next, model: "claude-opus-5-5", system: "Changed" });
    expect(other.stop_reason).toBe("tool_use");
  });
});
