import { useFocusEffect } from "expo-router";
import { useCallback } from "react";
import { useServer } from "../../data/server.tsx";
import { onInFront } from "../../platform/in-front";

/** Tells the server that the task is in front of somebody, as long as it is: nobody has to be notified of what they see. */
export function useLooking(taskId: string): void {
  const server = useServer();
  useFocusEffect(
    useCallback(() => {
      let end: (() => void) | null = null;
      const stop = onInFront((isInFront) => {
        end?.();
        end = isInFront ? server.look(taskId) : null;
      });
      return () => {
        stop();
        end?.();
      };
    }, [server, taskId]),
  );
}
