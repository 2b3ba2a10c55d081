import { z } from "zod";

/**
 * The body of `POST /v1/messages`, as far as it is simulated. Beta features that are not (threads, compaction,
 * containers, MCP servers, server-side fallbacks …) are refused as unknown fields, and so are the sampling
 * parameters, which version 2026-10-21 of the API removed.
 * Source: the types of `@anthropic-ai/sdk` and https://platform.claude.com/docs/en/api/messages
 */
const CacheControl = z.strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() });
const cached = { cache_control: CacheControl.nullish() };

const Citations = z.array(z.looseObject({ type: z.string() })).nullish();
const TextBlock = z.strictObject({
  type: z.literal("text"),
  text: z.string(),
  citations: Citations,
  ...cached,
});

const ImageSource = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("base64"),
    media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
    data: z.base64(),
  }),
  z.strictObject({ type: z.literal("url"), url: z.url() }),
]);
const ImageBlock = z.strictObject({ type: z.literal("image"), source: ImageSource, ...cached });

const DocumentSource = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("base64"), media_type: z.literal("application/pdf"), data: z.base64() }),
  z.strictObject({ type: z.literal("text"), media_type: z.literal("text/plain"), data: z.string() }),
  z.strictObject({ type: z.literal("url"), url: z.url() }),
]);
const DocumentBlock = z.strictObject({
  type: z.literal("document"),
  source: DocumentSource,
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.strictObject({ enabled: z.boolean().optional() }).nullish(),
  ...cached,
});

const SearchResultBlock = z.strictObject({
  type: z.literal("search_result"),
  source: z.string(),
  title: z.string(),
  content: z.array(TextBlock),
  citations: z.strictObject({ enabled: z.boolean().optional() }).nullish(),
  ...cached,
});

const ThinkingBlock = z.strictObject({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: z.string(),
});
const RedactedThinkingBlock = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });

const TOOL_USE_ID = /^[a-zA-Z0-9_-]+$/;
const ToolUseBlock = z.strictObject({
  type: z.literal("tool_use"),
  id: z.string().regex(TOOL_USE_ID),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal("direct") }).optional(),
  toolset_name: z.null().optional(),
  ...cached,
});
const ToolResultBlock = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string().regex(TOOL_USE_ID),
  content: z
    .union([
      z.string(),
      z.array(z.discriminatedUnion("type", [TextBlock, ImageBlock, DocumentBlock, SearchResultBlock])),
    ])
    .optional(),
  is_error: z.boolean().optional(),
  toolset_name: z.null().optional(),
  ...cached,
});

const Block = z.discriminatedUnion("type", [
  TextBlock,
  ImageBlock,
  DocumentBlock,
  SearchResultBlock,
  ThinkingBlock,
  RedactedThinkingBlock,
  ToolUseBlock,
  ToolResultBlock,
]);
export type Block = z.infer<typeof Block>;

const Message = z.strictObject({
  role: z.enum(["user", "assistant"]),
  content: z.union([z.string(), z.array(Block)]),
});
export type Message = z.infer<typeof Message>;

const toolOptions = {
  allowed_callers: z.array(z.literal("direct")).optional(),
  defer_loading: z.boolean().optional(),
  strict: z.boolean().optional(),
  input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
  ...cached,
};
const CustomTool = z.strictObject({
  type: z.literal("custom").nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({
    type: z.literal("object"),
    properties: z.record(z.string(), z.unknown()).nullish(),
    required: z.array(z.string()).nullish(),
  }),
  eager_input_streaming: z.boolean().nullish(),
  ...toolOptions,
});
const clientTool = <T extends string, N extends string>(type: T, name: N) =>
  z.strictObject({ type: z.literal(type), name: z.literal(name), ...toolOptions });

/** Tools whose schema the API itself knows and that the client runs. Tools that the API runs are not simulated. */
const TypedTool = z.discriminatedUnion("type", [
  clientTool("bash_20250124", "bash"),
  clientTool("text_editor_20250124", "str_replace_editor"),
  clientTool("text_editor_20250429", "str_replace_based_edit_tool"),
  z.strictObject({
    ...clientTool("text_editor_20250728", "str_replace_based_edit_tool").shape,
    max_characters: z.int().min(1).nullish(),
  }),
  clientTool("memory_20250818", "memory"),
]);
export const TYPED_TOOLS: readonly string[] = TypedTool.options.map((option) => option.shape.type.value);
const Tool = z.union([CustomTool, TypedTool]);
export type Tool = z.infer<typeof Tool>;
/** The two forms apart: a request's tool is checked against the one that its `type` names. */
export const ToolForm = { custom: CustomTool, typed: TypedTool };

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const ToolChoice = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auto"), ...parallel }),
  z.strictObject({ type: z.literal("any"), ...parallel }),
  z.strictObject({ type: z.literal("tool"), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal("none") }),
]);

const display = { display: z.enum(["summarized", "omitted", "updates"]).nullish() };
const Thinking = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("adaptive"), ...display }),
  z.strictObject({ type: z.literal("enabled"), budget_tokens: z.int().min(1024), ...display }),
  z.strictObject({ type: z.literal("disabled") }),
  z.strictObject({ type: z.literal("between_tools") }),
]);

const Effort = z.enum(["low", "medium", "high", "xhigh", "max"]);

/** What `count_tokens` shares with `messages`. Tools are looked at one by one, for the sake of the message. */
const counted = {
  model: z.string().min(1),
  messages: z.array(Message).min(1).max(100_000),
  system: z.union([z.string(), z.array(TextBlock)]).optional(),
  tools: z.array(z.unknown()).optional(),
  tool_choice: ToolChoice.optional(),
  thinking: Thinking.optional(),
  cache_control: CacheControl.nullish(),
  output_config: z.strictObject({ effort: Effort.nullish() }).optional(),
};

export const CountTokensBody = z.strictObject(counted);

export const MessagesBody = z.strictObject({
  ...counted,
  max_tokens: z.int().min(0),
  stream: z.boolean().optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  service_tier: z.enum(["auto", "standard_only"]).optional(),
});

/** A request that has passed every check. */
export type CountTokensRequest = Omit<z.infer<typeof CountTokensBody>, "tools"> & { tools?: Tool[] };
export type MessagesRequest = Omit<z.infer<typeof MessagesBody>, "tools"> & { tools?: Tool[] };
