import { invalid } from "./api-error.ts";
import type { Model } from "./models.ts";
import { prefixOf } from "./prefix.ts";
import type { Block, CountTokensRequest, Message } from "./request-shape.ts";
import { checkSignature } from "./signature.ts";

export function blocksOf(message: Message): Block[] {
  return typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
}

const USER_BLOCKS: readonly Block["type"][] = ["text", "image", "document", "search_result", "tool_result"];
const ASSISTANT_BLOCKS: readonly Block["type"][] = ["text", "thinking", "redacted_thinking", "tool_use"];

/** Checks what the shape alone does not show: order, pairing of tool calls and results, bound thinking. */
export function checkConversation(request: CountTokensRequest, model: Model): void {
  const { messages } = request;
  if (messages[0]?.role !== "user") throw invalid('messages: first message must use the "user" role');
  for (const [index, message] of messages.entries())
    checkContent(message, index, index === messages.length - 1);
  checkEnd(messages, model);
  checkTools(messages);
  if (model.preservedThinking) checkThinking(request, model);
}

function checkContent(message: Message, index: number, last: boolean): void {
  const blocks = blocksOf(message);
  const empty = message.content === "" || blocks.length === 0;
  if (empty && !(last && message.role === "assistant")) {
    throw invalid(
      message.role === "user"
        ? `messages.${index}: user messages must have non-empty content`
        : `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
  const allowed = message.role === "user" ? USER_BLOCKS : ASSISTANT_BLOCKS;
  for (const [at, block] of blocks.entries()) {
    if (!allowed.includes(block.type)) {
      const owner = message.role === "user" ? "assistant" : "user";
      throw invalid(
        `messages.${index}.content.${at}: \`${block.type}\` blocks can only be in \`${owner}\` messages`,
      );
    }
    if (block.type !== "text") continue;
    if (message.role === "user" && block.citations?.length) {
      throw invalid(`messages.${index}.content.${at}: \`citations\` can only be in \`assistant\` messages`);
    }
    if (block.text === "") throw invalid("messages: text content blocks must be non-empty");
    if (block.text.trim() === "")
      throw invalid("messages: text content blocks must contain non-whitespace text");
  }
}

function checkEnd(messages: readonly Message[], model: Model): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  if (!model.prefill) {
    throw invalid(
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    );
  }
  const text = blocksOf(last).at(-1);
  if (text?.type === "text" && text.text !== text.text.trimEnd()) {
    throw invalid("messages: final assistant content cannot end with trailing whitespace");
  }
}

interface Turn {
  role: Message["role"];
  /** Index of the first message of the turn. */
  index: number;
  blocks: Array<{ block: Block; path: string }>;
}

/** Consecutive messages of one role are one turn, as the API combines them. */
function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message).map((block, at) => ({ block, path: `messages.${index}.content.${at}` }));
    const last = turns.at(-1);
    if (last?.role === message.role) last.blocks.push(...blocks);
    else turns.push({ role: message.role, index, blocks });
  }
  return turns;
}

function checkTools(messages: readonly Message[]): void {
  const seen = new Set<string>();
  let open: { turn: Turn; ids: string[] } | null = null;
  for (const turn of turnsOf(messages)) {
    if (turn.role === "assistant") {
      const ids: string[] = [];
      for (const { block, path } of turn.blocks) {
        if (block.type !== "tool_use") continue;
        if (seen.has(block.id)) throw invalid(`${path}: \`tool_use\` ids must be unique`);
        seen.add(block.id);
        ids.push(block.id);
      }
      open = { turn, ids };
    } else {
      checkResults(turn, open?.ids ?? []);
      if (open !== null) checkAnswered(open.turn, open.ids, turn);
      open = null;
    }
  }
  if (open !== null) checkAnswered(open.turn, open.ids, null);
}

function checkResults(turn: Turn, ids: readonly string[]): void {
  const answered = new Set<string>();
  let other = false;
  for (const { block, path } of turn.blocks) {
    if (block.type !== "tool_result") {
      other = true;
      continue;
    }
    if (!ids.includes(block.tool_use_id)) {
      throw invalid(
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (answered.has(block.tool_use_id)) {
      throw invalid(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${block.tool_use_id}`,
      );
    }
    if (other) {
      throw invalid(
        `${path}: \`tool_result\` blocks must come first in the content of a user message, before any other block.`,
      );
    }
    answered.add(block.tool_use_id);
  }
}

function checkAnswered(asked: Turn, ids: readonly string[], answer: Turn | null): void {
  const results = new Set(
    answer?.blocks.map(({ block }) => (block.type === "tool_result" ? block.tool_use_id : "")),
  );
  const missing = ids.filter((id) => !results.has(id));
  if (missing.length === 0) return;
  throw invalid(
    `messages.${asked.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function checkThinking(request: CountTokensRequest, model: Model): void {
  for (const item of prefixOf(request)) {
    if (item.block?.type === "thinking") checkSignature(item.block, item.before, item.path, model);
  }
}
