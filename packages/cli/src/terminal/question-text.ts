import type { OpenQuestion } from "@farhand/protocol";
import { safeLine } from "./safe-text.ts";

/** What the agent asks, and the numbers that stand for the answers which it offers. */
export function questionText({ question, options }: Pick<OpenQuestion, "question" | "options">): string {
  return [question, ...options.map((option, index) => `${index + 1}. ${option}`)].join("\n");
}

/** The line that is typed into. */
export function answerPrompt({ options }: Pick<OpenQuestion, "options">, typed: string): string {
  const numbers = options.length > 0 ? `a number from 1 to ${options.length}, or ` : "";
  const hint = typed === "" ? ` (${numbers}your own words; Enter sends, Esc leaves it open)` : "▏";
  return `Your answer: ${safeLine(typed)}${hint}`;
}

/** The answer that was meant: a number stands for the option that has it. */
export function meantAnswer({ options }: Pick<OpenQuestion, "options">, typed: string): string {
  const text = typed.trim();
  if (options.includes(text) || !/^[1-9]$/.test(text)) return typed;
  return options[Number(text) - 1] ?? typed;
}
