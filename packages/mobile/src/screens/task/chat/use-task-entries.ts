import { type OutboxEntry, taskOf } from "@farhand/client/app";
import { useMemo } from "react";
import { useOutbox } from "../../../data/server.tsx";

/** What is on its way to the server and concerns the task, in the order in which it is sent. */
export function useTaskEntries(taskId: string): readonly OutboxEntry[] {
  const entries = useOutbox();
  return useMemo(() => entries.filter(({ command }) => taskOf(command) === taskId), [entries, taskId]);
}
