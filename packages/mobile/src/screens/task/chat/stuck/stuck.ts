import type { Command, OutboxEntry, TaskView } from "@farhand/client/app";
import { strings } from "../../../../strings/strings.ts";

/** It goes nowhere until a person says what becomes of it. */
export const isStuck = ({ status }: OutboxEntry): boolean =>
  status === "refused" || status === "needs_confirmation";

/** One that got stuck stops nothing: the button has to be there again. */
export const isStopUnderWay = (entry: OutboxEntry): boolean =>
  entry.command.type === "stop" && !isStuck(entry);

/** Stuck commands that neither a message of the chat nor an open card shows. */
export const looseEntries = (view: TaskView, entries: readonly OutboxEntry[]): readonly OutboxEntry[] =>
  entries.filter((entry) => isStuck(entry) && !hasPlace(view, entry.command));

function hasPlace({ open }: TaskView, command: Command): boolean {
  switch (command.type) {
    case "create_task":
    case "send_message":
      return true;
    case "answer":
      return open.questions.has(command.questionId);
    case "approve":
      return open.approval !== null;
    case "allow_host":
      return open.hosts.has(command.host);
    case "set_budget":
      return open.budget !== null;
    default:
      return false;
  }
}

/** What was asked for, in a few words: "Stop the agent", "Your answer: Franc". */
export function commandWords(command: Command): string {
  const { stuck } = strings.chat;
  switch (command.type) {
    case "answer":
      return stuck.answer(command.answer);
    case "edit_message":
      return stuck.edit_message(command.text);
    case "fork":
      return stuck.fork(command.fork.prompt);
    case "allow_host":
      return stuck.allow_host(command.host);
    case "create_task":
      return command.task.prompt;
    case "send_message":
      return command.text;
    default:
      return stuck[command.type];
  }
}
