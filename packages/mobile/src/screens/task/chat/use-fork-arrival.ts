import { useRouter } from "expo-router";
import { useEffect } from "react";
import { useServer } from "../../../data/server.tsx";

/** Goes to a fork of this task once the server has made it. */
export function useForkArrival(taskId: string): void {
  const { outbox } = useServer();
  const router = useRouter();
  useEffect(
    () =>
      outbox.done(({ entry, answer }) => {
        const { command } = entry;
        if (command.type !== "fork" || command.taskId !== taskId) return;
        const made = (answer as { id?: unknown } | null)?.id;
        if (typeof made === "string") router.navigate(`/task/${made}`);
      }),
    [outbox, router, taskId],
  );
}
