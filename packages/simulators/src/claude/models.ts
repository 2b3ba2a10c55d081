export type ThinkingType = "adaptive" | "enabled" | "disabled" | "between_tools";
export type ThinkingDisplay = "summarized" | "omitted" | "updates";

/** What a model accepts and how it answers, as its pages and migration guides describe it. */
export interface Model {
  id: string;
  displayName: string;
  line: "haiku" | "sonnet" | "opus" | "fable" | "mythos";
  /** RFC 3339; the epoch where it is not known, as the API itself does. */
  createdAt: string;
  contextTokens: number;
  maxOutputTokens: number;
  thinking: readonly ThinkingType[];
  /** Whether a request without `thinking` thinks. */
  thinksByDefault: boolean;
  defaultDisplay: ThinkingDisplay;
  /** `tool_choice` of type `any` and `tool`. */
  forcedToolUse: boolean;
  /** Ending a request with an assistant message. */
  prefill: boolean;
  /** Thinking blocks are bound to everything before them. */
  preservedThinking: boolean;
  /** Text between tool calls comes back as thinking. */
  progressUpdates: boolean;
  /** Shortest prefix that is cached, in tokens. */
  minCacheTokens: number;
}

type Traits = Omit<Model, "id" | "displayName" | "line" | "createdAt">;

const CURRENT: Traits = {
  contextTokens: 1_000_000,
  maxOutputTokens: 128_000,
  thinking: ["adaptive"],
  thinksByDefault: true,
  defaultDisplay: "omitted",
  forcedToolUse: false,
  prefill: false,
  preservedThinking: true,
  progressUpdates: true,
  minCacheTokens: 512,
};
const FIFTH: Traits = {
  ...CURRENT,
  thinking: ["adaptive", "disabled"],
  forcedToolUse: true,
  preservedThinking: false,
  progressUpdates: false,
};
const LATE_FOURTH: Traits = {
  ...FIFTH,
  thinksByDefault: false,
  minCacheTokens: 1024,
};
const FOURTH_SIX: Traits = {
  ...LATE_FOURTH,
  thinking: ["adaptive", "enabled", "disabled"],
  defaultDisplay: "summarized",
};
const EARLY_FOURTH: Traits = {
  ...FOURTH_SIX,
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  thinking: ["enabled", "disabled"],
  prefill: true,
};

const UNKNOWN_DATE = "1970-01-01T00:00:00Z";

function model(
  id: string,
  displayName: string,
  traits: Partial<Traits> & { base: Traits },
  createdAt = UNKNOWN_DATE,
): Model {
  const { base, ...own } = traits;
  const line = /haiku|sonnet|opus|fable|mythos/.exec(id)?.[0] as Model["line"];
  return { id, displayName, line, createdAt, ...base, ...own };
}

/** The models of the SDK's list, newest first as `GET /v1/models` gives them. */
export const MODELS: readonly Model[] = [
  model("claude-fable-5-2", "Claude Fable 5.2", { base: CURRENT }),
  model("claude-mythos-5-2", "Claude Mythos 5.2", { base: CURRENT }),
  model("claude-haiku-5-5", "Claude Haiku 5.5", {
    base: CURRENT,
    thinking: ["adaptive", "disabled"],
    forcedToolUse: true,
    progressUpdates: false,
  }),
  model(
    "claude-sonnet-5-5",
    "Claude Sonnet 5.5",
    { base: CURRENT, thinking: ["adaptive", "between_tools"] },
    "2026-09-28T00:00:00Z",
  ),
  model("claude-opus-5-5", "Claude Opus 5.5", { base: CURRENT }, "2026-09-22T00:00:00Z"),
  model("claude-fable-5-1", "Claude Fable 5.1", { base: CURRENT, progressUpdates: false }),
  model("claude-mythos-5-1", "Claude Mythos 5.1", { base: CURRENT, progressUpdates: false }),
  model("claude-opus-5", "Claude Opus 5", { base: FIFTH }, "2026-07-24T00:00:00Z"),
  model("claude-sonnet-5", "Claude Sonnet 5", { base: FIFTH, minCacheTokens: 1024 }, "2026-06-30T00:00:00Z"),
  model("claude-fable-5", "Claude Fable 5", { base: FIFTH, thinking: ["adaptive"] }),
  model("claude-mythos-5", "Claude Mythos 5", { base: FIFTH, thinking: ["adaptive"] }),
  model("claude-opus-4-8", "Claude Opus 4.8", { base: LATE_FOURTH }),
  model("claude-opus-4-7", "Claude Opus 4.7", { base: LATE_FOURTH, minCacheTokens: 2048 }),
  model("claude-mythos-preview", "Claude Mythos Preview", { base: FOURTH_SIX }),
  model("claude-sonnet-4-6", "Claude Sonnet 4.6", { base: FOURTH_SIX }, "2026-02-17T00:00:00Z"),
  model(
    "claude-opus-4-6",
    "Claude Opus 4.6",
    { base: FOURTH_SIX, minCacheTokens: 4096 },
    "2026-02-04T00:00:00Z",
  ),
  model(
    "claude-opus-4-5-20251101",
    "Claude Opus 4.5",
    { base: EARLY_FOURTH, minCacheTokens: 4096 },
    "2025-11-24T00:00:00Z",
  ),
  model(
    "claude-haiku-4-5-20251001",
    "Claude Haiku 4.5",
    { base: EARLY_FOURTH, minCacheTokens: 4096 },
    "2025-10-15T00:00:00Z",
  ),
  model("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", { base: EARLY_FOURTH }, "2025-09-29T00:00:00Z"),
];

const ALIASES: Readonly<Record<string, string>> = {
  "claude-opus-4-5": "claude-opus-4-5-20251101",
  "claude-haiku-4-5": "claude-haiku-4-5-20251001",
  "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
};

export function findModel(id: string): Model | undefined {
  return MODELS.find((entry) => entry.id === (ALIASES[id] ?? id));
}

/** A model in the form of `GET /v1/models/{id}`. */
export function modelInfo(entry: Model): object {
  return {
    type: "model",
    id: entry.id,
    display_name: entry.displayName,
    created_at: entry.createdAt,
    line: entry.line,
    lifecycle: "active",
    max_input_tokens: entry.contextTokens,
    max_tokens: entry.maxOutputTokens,
    allowed_fallback_models: [],
    capabilities: null,
    deprecated_at: null,
    retires_at: null,
  };
}
