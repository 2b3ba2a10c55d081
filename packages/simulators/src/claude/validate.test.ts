import { describe, expect, test } from "bun:test";
import { ApiError } from "./api-error.ts";
import { validateCountTokens, validateMessages } from "./validate.ts";

const hello = [{ role: "user", content: "Hello" }];
const base = { model: "claude-sonnet-5-5", max_tokens: 1024, messages: hello };
const tool = { name: "bash", input_schema: { type: "object" } };
const use = (id: string) => ({ type: "tool_use", id, name: "bash", input: {} });
const result = (id: string, more: object = {}) => ({
  type: "tool_result",
  tool_use_id: id,
  content: "done",
  ...more,
});
const text = (value: string, more: object = {}) => ({ type: "text", text: value, ...more });
/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/** A header alone says how large it is. */
function pngOf(width: number, height: number): string {
  const bytes = Buffer.from(PNG, "base64");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString("base64");
}
const image = (data: string, media_type = "image/png") => ({
  type: "image",
  source: { type: "base64", media_type, data },
});
const showing = (...images: object[]) => ({
  messages: [{ role: "user", content: [...images, text("Look.")] }],
});
const mark = { cache_control: { type: "ephemeral" } };

function refusal(body: unknown): { type: string; message: string } {
  try {
    validateMessages(body);
  } catch (error) {
    if (error instanceof ApiError) return { type: error.type, message: error.message };
    throw error;
  }
  throw new Error("the request was taken");
}

describe("a request is taken", () => {
  test.each<[string, object]>([
    ["with a prompt alone", {}],
    [
      "with system text, tools, automatic caching and adaptive thinking",
      {
        system: [text("You work on code.", mark)],
        tools: [
          tool,
          { name: "finish", description: "Ends", input_schema: { type: "object", properties: {} }, ...mark },
        ],
        cache_control: { type: "ephemeral", ttl: "1h" },
        thinking: { type: "adaptive", display: "summarized" },
        output_config: { effort: "high" },
        stream: true,
        metadata: { user_id: "u" },
      },
    ],
    ["with a tool that the API knows by its type", { tools: [{ type: "bash_20250124", name: "bash" }] }],
    [
      "with a call that is answered, an image in the answer and a remark after it",
      {
        tools: [tool],
        messages: [
          ...hello,
          { role: "assistant", content: [text("Yes"), use("toolu_1"), use("toolu_2")] },
          {
            role: "user",
            content: [
              result("toolu_1", { is_error: true }),
              result("toolu_2", {
                content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }],
              }),
              text("And now this."),
            ],
          },
        ],
      },
    ],
    [
      "with results spread over two user messages, which are one turn",
      {
        tools: [tool],
        messages: [
          ...hello,
          { role: "assistant", content: [use("toolu_1"), use("toolu_2")] },
          { role: "user", content: [result("toolu_1")] },
          { role: "user", content: [result("toolu_2")] },
        ],
      },
    ],
    [
      "with forced tool use on a model that has it",
      {
        model: "claude-sonnet-5",
        tools: [tool],
        tool_choice: { type: "tool", name: "bash" },
      },
    ],
    [
      "with an assistant's beginning on a model that goes on from it",
      {
        model: "claude-haiku-4-5",
        messages: [...hello, { role: "assistant", content: "Hi" }],
      },
    ],
  ])("%s", (_, change) => {
    expect(validateMessages({ ...base, ...change }).request.messages.length).toBeGreaterThan(0);
  });
});

describe("a request is refused", () => {
  test.each<[string, object, string]>([
    ["without max_tokens", { max_tokens: undefined }, "max_tokens: Field required"],
    ["with max_tokens that is text", { max_tokens: "many" }, "max_tokens: Input should be a valid number"],
    [
      "with max_tokens below zero",
      { max_tokens: -1 },
      "max_tokens: Input should be greater than or equal to 0",
    ],
    [
      "with max_tokens above the model's",
      { max_tokens: 200_000 },
      "max_tokens: 200000 > 128000, which is the maximum allowed number of output tokens for claude-sonnet-5-5",
    ],
    ["without a model", { model: undefined }, "model: Field required"],
    ["without messages", { messages: undefined }, "messages: Field required"],
    ["with no message", { messages: [] }, "messages: at least 1 item is required"],
    ["with an unknown field", { max_token: 1 }, "max_token: Extra inputs are not permitted"],
    [
      "with a beta field that is not simulated",
      { thread: { type: "create" } },
      "thread: Extra inputs are not permitted",
    ],
    [
      "with an unknown field in a message",
      { messages: [{ role: "user", content: "x", name: "y" }] },
      "messages.0.name: Extra inputs are not permitted",
    ],
    [
      "with an unknown role",
      { messages: [{ role: "bot", content: "x" }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    [
      "with a message without content",
      { messages: [{ role: "user" }] },
      "messages.0.content: Field required",
    ],
    [
      "with the assistant first",
      { messages: [{ role: "assistant", content: "x" }, ...hello] },
      'messages: first message must use the "user" role',
    ],
    [
      "with empty content",
      { messages: [{ role: "user", content: "" }] },
      "messages.0: user messages must have non-empty content",
    ],
    [
      "with no block",
      { messages: [{ role: "user", content: [] }] },
      "messages.0: user messages must have non-empty content",
    ],
    [
      "with an empty text block",
      { messages: [{ role: "user", content: [text("")] }] },
      "messages: text content blocks must be non-empty",
    ],
    [
      "with a blank text block",
      { messages: [{ role: "user", content: [text(" \n")] }] },
      "messages: text content blocks must contain non-whitespace text",
    ],
    ["with an empty system block", { system: [text("")] }, "system: text content blocks must be non-empty"],
    [
      "with a block without a type",
      { messages: [{ role: "user", content: [{ text: "x" }] }] },
      "messages.0.content.0: Unable to extract tag using discriminator 'type'",
    ],
    [
      "with a block missing its text",
      { messages: [{ role: "user", content: [{ type: "text" }] }] },
      "messages.0.content.0.text: Field required",
    ],
    [
      "with an image that is not base64",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "%%" } }],
          },
        ],
      },
      "messages.0.content.0.source.data: Input should be a valid base64",
    ],
    [
      "with an image that is none",
      showing(image("aGk=")),
      "messages.0.content.0.image.source.base64.data: Could not process image",
    ],
    [
      "with an image that is another than it says",
      showing(image(PNG, "image/jpeg")),
      "messages.0.content.0.image.source.base64: The image was specified using the image/jpeg media type, but the image appears to be a image/png image",
    ],
    [
      "with an image of more than 5 MB",
      showing(image(PNG.slice(0, 80).padEnd(5 * 1024 * 1024 + 4, "A"))),
      "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 5242884 bytes > 5242880 bytes",
    ],
    [
      "with an image of too many pixels",
      showing(image(pngOf(8001, 10))),
      "messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels",
    ],
    [
      "with an image that is too large among many",
      showing(...Array.from({ length: 20 }, () => image(PNG)), image(pngOf(2001, 10))),
      "messages.0.content.20.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels",
    ],
    [
      "with too many images",
      showing(...Array.from({ length: 101 }, () => image(PNG))),
      "messages: too many images: 101 > 100 maximum",
    ],
    [
      "with a call in a user message",
      { messages: [{ role: "user", content: [use("toolu_1")] }] },
      "messages.0.content.0: `tool_use` blocks can only be in `assistant` messages",
    ],
    [
      "with a result in an assistant message",
      { messages: [...hello, { role: "assistant", content: [result("toolu_1")] }, ...hello] },
      "messages.1.content.0: `tool_result` blocks can only be in `user` messages",
    ],
    [
      "with a conversation that ends with the assistant",
      { messages: [...hello, { role: "assistant", content: "Hi" }] },
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    ],
    [
      "with trailing whitespace at the end of a beginning",
      { model: "claude-haiku-4-5", messages: [...hello, { role: "assistant", content: "Hi " }] },
      "messages: final assistant content cannot end with trailing whitespace",
    ],
    [
      "with a result that nobody asked for",
      { messages: [{ role: "user", content: [result("toolu_9")] }] },
      "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    ],
    ["with a tool twice", { tools: [tool, tool] }, "tools: Tool names must be unique."],
    [
      "with a tool without a schema",
      { tools: [{ name: "bash" }] },
      "tools.0.custom.input_schema: Field required",
    ],
    [
      "with a schema that is no object",
      { tools: [{ name: "bash", input_schema: { type: "string" } }] },
      "tools.0.custom.input_schema.type: Input should be 'object'",
    ],
    [
      "with a bad tool name",
      { tools: [{ ...tool, name: "run it" }] },
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [
      "with an unknown field in a tool",
      { tools: [{ ...tool, run: 1 }] },
      "tools.0.custom.run: Extra inputs are not permitted",
    ],
    [
      "with a typed tool of another name",
      { tools: [{ type: "bash_20250124", name: "shell" }] },
      "tools.0.bash_20250124.name: Input should be 'bash'",
    ],
    [
      "with tool_choice but no tools",
      { tool_choice: { type: "auto" } },
      "tool_choice: may only be given together with tools",
    ],
    [
      "with a choice of a tool that is not there",
      { model: "claude-sonnet-5", tools: [tool], tool_choice: { type: "tool", name: "other" } },
      "tool_choice.tool.name: Tool 'other' not found in provided tools",
    ],
    [
      "with forced tool use on a model that lacks it",
      { tools: [tool], tool_choice: { type: "any" } },
      "tool_choice: type 'any' is not supported for this model. Use 'auto' or 'none'.",
    ],
    [
      "with thinking switched off where it cannot be",
      { model: "claude-opus-5-5", thinking: { type: "disabled" } },
      '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    ],
    [
      "with a thinking budget on a model without",
      { thinking: { type: "enabled", budget_tokens: 2048 } },
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    ],
    [
      "with a thinking budget above max_tokens",
      { model: "claude-sonnet-4-5", thinking: { type: "enabled", budget_tokens: 1024 } },
      "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ],
    ["with a sampling parameter", { temperature: 1 }, "temperature: Extra inputs are not permitted"],
    [
      "with citations from the user",
      { messages: [{ role: "user", content: [text("x", { citations: [{ type: "char_location" }] })] }] },
      "messages.0.content.0: `citations` can only be in `assistant` messages",
    ],
    [
      "with a thinking block that nobody signed",
      {
        messages: [
          ...hello,
          {
            role: "assistant",
            content: [{ type: "thinking", thinking: "Hm", signature: "forged" }, text("Yes")],
          },
          ...hello,
        ],
      },
      "messages.1.content.0: Invalid `signature` in `thinking` block",
    ],
  ])("%s", (_, change, message) => {
    expect(refusal({ ...base, ...change })).toEqual({ type: "invalid_request_error", message });
  });

  test("with an unknown block type, and is told the known ones", () => {
    const { message } = refusal({ ...base, messages: [{ role: "user", content: [{ type: "video" }] }] });
    expect(message).toStartWith(
      "messages.0.content.0: Input tag 'video' found using 'type' does not match any of the expected tags: 'text', 'image'",
    );
  });

  test("with an unknown tool type, and is told the known ones", () => {
    const { message } = refusal({ ...base, tools: [{ type: "bash_19991231", name: "bash" }] });
    expect(message).toStartWith(
      "tools.0: Input tag 'bash_19991231' found using 'type' does not match any of the expected tags: 'custom', 'bash_20250124'",
    );
  });

  test("for an unknown model with not_found_error", () => {
    expect(refusal({ ...base, model: "claude-9" })).toEqual({
      type: "not_found_error",
      message: "model: claude-9",
    });
  });

  test.each([[null], ["text"], [[]], [7]])("for a body that is %p", (body) => {
    expect(refusal(body).type).toBe("invalid_request_error");
  });
});

describe("tool calls and their results", () => {
  const conversation = (...messages: object[]) => ({
    ...base,
    tools: [tool],
    messages: [...hello, ...messages],
  });
  const called = { role: "assistant", content: [use("toolu_1"), use("toolu_2")] };

  test("every call needs its result in the very next message", () => {
    const unanswered = (ids: string) =>
      `messages.1: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    expect(refusal(conversation(called, ...hello)).message).toBe(unanswered("toolu_1, toolu_2"));
    expect(refusal(conversation(called, { role: "user", content: [result("toolu_1")] })).message).toBe(
      unanswered("toolu_2"),
    );
    const late = [
      called,
      ...hello,
      { role: "assistant", content: "Well" },
      { role: "user", content: [result("toolu_1")] },
    ];
    expect(refusal(conversation(...late)).message).toBe(unanswered("toolu_1, toolu_2"));
  });

  test("results come before any other block of their message", () => {
    const mixed = { role: "user", content: [result("toolu_1"), text("Wait"), result("toolu_2")] };
    expect(refusal(conversation(called, mixed)).message).toContain("`tool_result` blocks must come first");
  });

  test("a call has one result", () => {
    const twice = { role: "user", content: [result("toolu_1"), result("toolu_1"), result("toolu_2")] };
    expect(refusal(conversation(called, twice)).message).toBe(
      "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: toolu_1",
    );
  });

  test("the ids of calls are unique in the whole conversation", () => {
    const again = { role: "assistant", content: [use("toolu_1")] };
    const answered = { role: "user", content: [result("toolu_1"), result("toolu_2")] };
    expect(
      refusal(conversation(called, answered, again, { role: "user", content: [result("toolu_1")] })).message,
    ).toBe("messages.3.content.0: `tool_use` ids must be unique");
  });
});

describe("cache breakpoints", () => {
  const marked = (n: number) => Array.from({ length: n }, (_, index) => text(`part ${index}`, mark));

  test("four are taken and five refused, wherever they are", () => {
    const four = { ...base, system: marked(2), messages: [{ role: "user", content: marked(2) }] };
    expect(validateMessages(four).model.id).toBe("claude-sonnet-5-5");
    const message = "A maximum of 4 blocks with cache_control may be provided. Found 5.";
    expect(refusal({ ...four, tools: [{ ...tool, ...mark }] }).message).toBe(message);
    expect(refusal({ ...four, cache_control: { type: "ephemeral" } }).message).toBe(message);
  });

  test("only the ephemeral kind exists, with two lives", () => {
    expect(refusal({ ...base, cache_control: { type: "eternal" } }).message).toBe(
      "cache_control.type: Input should be 'ephemeral'",
    );
    expect(refusal({ ...base, cache_control: { type: "ephemeral", ttl: "2h" } }).message).toBe(
      "cache_control.ttl: Input should be '5m' or '1h'",
    );
  });
});

test("counting tokens takes no max_tokens and checks the rest in the same way", () => {
  const { max_tokens: _, ...counted } = base;
  expect(validateCountTokens(counted).model.id).toBe("claude-sonnet-5-5");
  expect(() => validateCountTokens(base)).toThrow("max_tokens: Extra inputs are not permitted");
  expect(() => validateCountTokens({ ...counted, messages: [] })).toThrow(
    "messages: at least 1 item is required",
  );
});
