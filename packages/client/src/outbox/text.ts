import type { Command } from "./command.ts";

/** What a person has written of a command; null where it holds no text. */
export function textOf(command: Command): string | null {
  switch (command.type) {
    case "create_task":
      return command.task.prompt;
    case "fork":
      return command.fork.prompt;
    case "send_message":
    case "edit_message":
      return command.text;
    case "answer":
      return command.answer;
    default:
      return null;
  }
}

/** The command with another text; null where it holds none. */
export function withText(command: Command, text: string): Command | null {
  switch (command.type) {
    case "create_task":
      return { ...command, task: { ...command.task, prompt: text } };
    case "fork":
      return { ...command, fork: { ...command.fork, prompt: text } };
    case "send_message":
    case "edit_message":
      return { ...command, text };
    case "answer":
      return { ...command, answer: text };
    default:
      return null;
  }
}
