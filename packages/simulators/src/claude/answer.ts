import { randomBytes } from "node:crypto";
import { invalid } from "./api-error.ts";
import { blocksOf } from "./conversation.ts";
import type { Model, ThinkingDisplay } from "./models.ts";
import { canonical, extendPrefix, prefixOf } from "./prefix.ts";
import type { InputUsage } from "./prompt-cache.ts";
import type { MessagesRequest } from "./request-shape.ts";
import type { Speech } from "./scenario.ts";
import { sign } from "./signature.ts";
import { countTokens } from "./tokens.ts";

export type AnswerBlock =
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "text"; text: string; citations: null }
  | { type: "tool_use"; id: string; name: string; input: unknown; caller: { type: "direct" } };

/** A finished message, in the form of an answer without a stream. */
export interface Answer {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: AnswerBlock[];
  stop_reason: string;
  stop_sequence: null;
  stop_details: null;
  container: null;
  context_management: null;
  diagnostics: null;
  usage: InputUsage & {
    output_tokens: number;
    output_tokens_details: { thinking_tokens: number };
    server_tool_use: null;
    service_tier: "standard";
    inference_geo: null;
    iterations: null;
    speed: null;
    fallback_credit: null;
  };
}

interface Draft {
  block: AnswerBlock;
  tokens: number;
  thinkingTokens: number;
}

/** Turns what the scenario says into the message that the model would give to this request. */
export function composeAnswer(
  speech: Speech,
  request: MessagesRequest,
  model: Model,
  input: InputUsage,
): Answer {
  const drafts = draftBlocks(speech, request, model);
  const { kept, cut } = withinBudget(drafts, request.max_tokens);
  const thinkingTokens = kept.reduce((sum, draft) => sum + draft.thinkingTokens, 0);
  const tool = kept.some((draft) => draft.block.type === "tool_use");
  return {
    id: newId("msg_01"),
    type: "message",
    role: "assistant",
    model: model.id,
    content: signed(
      kept.map((draft) => draft.block),
      request,
      model,
    ),
    stop_reason: cut ? "max_tokens" : (speech.stopReason ?? (tool ? "tool_use" : "end_turn")),
    stop_sequence: null,
    stop_details: null,
    container: null,
    context_management: null,
    diagnostics: null,
    usage: {
      ...input,
      output_tokens: Math.min(
        kept.reduce((sum, draft) => sum + draft.tokens, 1),
        Math.max(1, request.max_tokens),
      ),
      output_tokens_details: { thinking_tokens: thinkingTokens },
      server_tool_use: null,
      service_tier: "standard",
      inference_geo: null,
      iterations: null,
      speed: null,
      fallback_credit: null,
    },
  };
}

function draftBlocks(speech: Speech, request: MessagesRequest, model: Model): Draft[] {
  const drafts: Draft[] = [];
  const display = displayOf(request, model);
  const think = (thinking: string, visible: boolean) => {
    const tokens = countTokens(thinking);
    const block = { type: "thinking", thinking: visible ? thinking : "", signature: "" } as const;
    drafts.push({ block, tokens, thinkingTokens: tokens });
  };
  if (speech.thinking !== undefined && thinksUpFront(request, model))
    think(speech.thinking, display === "summarized");
  if (speech.text !== undefined) {
    if (isProgressUpdate(speech, request, model)) think(speech.text, display !== "omitted");
    else {
      const block = { type: "text", text: speech.text, citations: null } as const;
      drafts.push({ block, tokens: countTokens(speech.text), thinkingTokens: 0 });
    }
  }
  for (const use of speech.toolUses ?? []) {
    if (!request.tools?.some((tool) => tool.name === use.name)) {
      throw invalid(`simulator: the scenario calls the tool ${use.name}, which the request does not offer`);
    }
    const input: unknown = "input" in use ? use.input : use.rawInput;
    const block = {
      type: "tool_use",
      id: newId("toolu_01"),
      name: use.name,
      input,
      caller: { type: "direct" },
    } as const;
    drafts.push({ block, tokens: countTokens(inputText(input)), thinkingTokens: 0 });
  }
  return drafts;
}

/** The JSON text of a tool's input as it is streamed. */
export function inputText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

function thinksUpFront(request: MessagesRequest, model: Model): boolean {
  const type = request.thinking?.type;
  return type === undefined ? model.thinksByDefault : type === "adaptive" || type === "enabled";
}

function displayOf(request: MessagesRequest, model: Model): ThinkingDisplay {
  const thinking = request.thinking;
  if (thinking?.type === "between_tools") return "updates";
  return (thinking !== undefined && "display" in thinking ? thinking.display : null) ?? model.defaultDisplay;
}

/** Newer models give the text between two tool calls as thinking, and so hide it unless `display` shows it. */
function isProgressUpdate(speech: Speech, request: MessagesRequest, model: Model): boolean {
  const last = request.messages.at(-1);
  return (
    model.progressUpdates &&
    (speech.toolUses?.length ?? 0) > 0 &&
    last !== undefined &&
    blocksOf(last).some((block) => block.type === "tool_result")
  );
}

/** Cuts the answer where `max_tokens` ends; a tool call that does not fit is left out. */
function withinBudget(drafts: readonly Draft[], maxTokens: number): { kept: Draft[]; cut: boolean } {
  const kept: Draft[] = [];
  let left = maxTokens;
  for (const draft of drafts) {
    if (draft.tokens <= left) {
      kept.push(draft);
      left -= draft.tokens;
      continue;
    }
    if (draft.block.type === "text" && left > 0) {
      kept.push({
        ...draft,
        block: { ...draft.block, text: firstTokens(draft.block.text, left) },
        tokens: left,
      });
    }
    return { kept, cut: true };
  }
  return { kept, cut: false };
}

function firstTokens(text: string, tokens: number): string {
  return Buffer.from(text)
    .subarray(0, tokens * 4)
    .toString()
    .replace(/\uFFFD+$/, "");
}

/** Binds each thinking block to the request and to the blocks before it. */
function signed(blocks: readonly AnswerBlock[], request: MessagesRequest, model: Model): AnswerBlock[] {
  let prefix = prefixOf(request).at(-1)?.after ?? "";
  return blocks.map((block) => {
    const done =
      block.type === "thinking" ? { ...block, signature: sign(model, prefix, block.thinking) } : block;
    prefix = extendPrefix(prefix, "assistant", canonical(done));
    return done;
  });
}

const LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export function newId(prefix: string): string {
  return prefix + Array.from(randomBytes(22), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
