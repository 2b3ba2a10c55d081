import type { ContentBlock, Message } from "@farhand/protocol";
import { z } from "zod";

const ToolUse = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});
export type ToolUse = z.infer<typeof ToolUse>;
const ToolResult = z.looseObject({ type: z.literal("tool_result"), tool_use_id: z.string() });
const Text = z.looseObject({ type: z.literal("text"), text: z.string() });

/** Told to the model in place of the result of a tool that was running when its worker died. */
export const INTERRUPTED =
  "interrupted: the sandbox ended while this ran, so it may have run in part or not at all. Check before you repeat it.";

/**
 * Adds blocks to the end of the conversation as the user's. They join the user's last message where there is one:
 * the roles of a conversation take turns.
 */
export function addToUser(messages: readonly Message[], content: readonly ContentBlock[]): Message[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", content: [...content] }];
  return [...messages.slice(0, -1), { role: "user", content: [...last.content, ...content] }];
}

/** Adds an answer of the model, without what is empty: the API gives empty text but takes none back. */
export function addAnswer(messages: readonly Message[], content: readonly ContentBlock[]): Message[] {
  return [...messages, ...withoutEmpty([{ role: "assistant", content: [...content] }])];
}

function withoutEmpty(messages: readonly Message[]): Message[] {
  return messages
    .map(({ role, content }) => ({ role, content: content.filter((block) => !isEmptyText(block)) }))
    .filter((message) => message.content.length > 0);
}

function isEmptyText(block: ContentBlock): boolean {
  return Text.safeParse(block).data?.text.trim() === "";
}

export function toolUses(content: readonly ContentBlock[]): ToolUse[] {
  return content.flatMap((block) => ToolUse.safeParse(block).data ?? []);
}

/**
 * Makes a conversation that was cut anywhere valid again: every tool call of the last answer that has no result
 * gets an error as its result, ahead of whatever the user said after it. What is empty is left out.
 */
export function answerInterrupted(messages: readonly Message[]): {
  messages: Message[];
  interrupted: ToolUse[];
} {
  const filled = withoutEmpty(messages);
  const index = filled.findLastIndex((message) => message.role === "assistant");
  const answer = filled[index];
  if (!answer) return { messages: filled, interrupted: [] };
  const next = filled[index + 1];
  const results = (next?.content ?? []).flatMap((block) => ToolResult.safeParse(block).data ?? []);
  const answered = new Set(results.map((result) => result.tool_use_id));
  const interrupted = toolUses(answer.content).filter((use) => !answered.has(use.id));
  if (interrupted.length === 0) return { messages: filled, interrupted };

  const errors = interrupted.map((use) => errorResult(use.id, INTERRUPTED));
  const rest = (next?.content ?? []).filter((block) => block.type !== "tool_result");
  const user: Message = { role: "user", content: [...results, ...errors, ...rest] };
  return { messages: [...filled.slice(0, index + 1), user, ...filled.slice(index + 2)], interrupted };
}

export function errorResult(toolUseId: string, content: string): ContentBlock {
  return { type: "tool_result", tool_use_id: toolUseId, content, is_error: true };
}

/** The text of the model's last answer that had any; empty when none had. */
export function lastAnswerText(messages: readonly Message[]): string {
  for (const message of messages.toReversed()) {
    const text = message.role === "assistant" ? textOf(message) : "";
    if (text !== "") return text;
  }
  return "";
}

/** The first words of the user. */
export function firstUserText(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === "user");
  return first ? textOf(first) : "";
}

/** What came after the user's last words, such as the turn's opening message: answers and results of tools. */
export function sinceUserText(messages: readonly Message[]): readonly Message[] {
  const spoken = messages.findLastIndex(
    ({ role, content }) => role === "user" && content.some((block) => block.type === "text"),
  );
  return messages.slice(spoken + 1);
}

function textOf(message: Message): string {
  return message.content
    .flatMap((block) => Text.safeParse(block).data?.text ?? [])
    .join("\n\n")
    .trim();
}
