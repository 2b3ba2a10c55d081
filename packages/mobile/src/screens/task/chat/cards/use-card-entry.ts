import type { Command, OutboxEntry } from "@farhand/client/app";
import { useTaskEntries } from "../use-task-entries.ts";

/** What a person has answered a card with and the server does not have yet. Cards that are over have nothing to do with it. */
export function useCardEntry(
  taskId: string,
  isAsking: boolean,
  isAbout: (command: Command) => boolean,
): OutboxEntry | null {
  const entries = useTaskEntries(taskId);
  return isAsking ? (entries.find(({ command }) => isAbout(command)) ?? null) : null;
}
