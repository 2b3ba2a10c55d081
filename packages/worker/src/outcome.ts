import type { Message } from "@farhand/protocol";
import { z } from "zod";
import { firstUserText, lastAnswerText, sinceUserText, toolUses } from "./conversation.ts";

/** Longest title of a pull request that shows whole in lists. */
export const TITLE_CHARACTERS = 72;
export const FINISH_TOOL = "finish";

/** What a turn came to: title and summary of its pull request. */
export interface Outcome {
  title: string;
  /** In Markdown. */
  summary: string;
}

/** What the model gives to the `finish` tool. */
export const FinishInput = z.object({ title: z.string().trim().min(1), summary: z.string().trim().min(1) });

/** One line of at most 72 characters; what is cut ends in an ellipsis. */
export function toTitle(text: string): string {
  const line =
    text
      .split("\n")
      .map((part) => part.trim())
      .find((part) => part !== "") ?? "";
  const characters = [...line];
  if (characters.length <= TITLE_CHARACTERS) return line;
  return `${characters
    .slice(0, TITLE_CHARACTERS - 1)
    .join("")
    .trimEnd()}…`;
}

/** The outcome of a turn whose model stopped without a word to the `finish` tool. */
export function fallbackOutcome(messages: readonly Message[]): Outcome {
  return {
    title: toTitle(firstUserText(messages)) || "Changes by the agent",
    // Words of an earlier turn are not this one's summary.
    summary: lastAnswerText(sinceUserText(messages)) || "The agent ended its turn without a summary.",
  };
}

/**
 * The outcome of a turn that an earlier attempt has brought to its end, or null where the model has more to do: its
 * last answer since the user's last words called `finish`, or called no tool at all.
 */
export function finishedOutcome(messages: readonly Message[]): Outcome | null {
  const recent = sinceUserText(messages);
  const index = recent.findLastIndex((message) => message.role === "assistant");
  const answer = recent[index];
  if (!answer) return null;
  const after = recent.slice(index + 1).flatMap((message) => message.content);
  if (after.some((block) => block.type !== "tool_result" || block.is_error === true)) return null;
  const uses = toolUses(answer.content);
  if (uses.length === 0) return after.length === 0 ? fallbackOutcome(messages) : null;
  const finish = uses.find((use) => use.name === FINISH_TOOL);
  const input = FinishInput.safeParse(finish?.input);
  return input.success ? { title: toTitle(input.data.title), summary: input.data.summary } : null;
}
