import type { Command, OutboxEntry } from "@farhand/client/app";
import { useCallback } from "react";
import { useServer } from "../../../data/server.tsx";
import { troubleOf } from "../../../data/trouble.ts";
import { feel } from "../../../platform/haptics";
import { strings } from "../../../strings/strings.ts";
import { toast } from "../../../ui/toast.tsx";

/**
 * Gives a command to the outbox, online or not. Resolves to its entry once the device keeps it, and to null where it could
 * not: then the person was told.
 */
export function useAsk(): (command: Command, said?: string) => Promise<OutboxEntry | null> {
  const { outbox, connection } = useServer();
  return useCallback(
    async (command, said) => {
      try {
        const entry = await outbox.add(command);
        feel("sent");
        if (connection.getSnapshot().status !== "live") toast(strings.connection.sentLater);
        else if (said) toast(said);
        return entry;
      } catch (error) {
        toast(troubleOf(error).title);
        return null;
      }
    },
    [outbox, connection],
  );
}

/** Tells a person why something that was asked of the outbox did not work. */
export const tellTrouble = (error: unknown): void => toast(troubleOf(error).title);
