import type { Command } from "@farhand/client/app";
import type { Task } from "@farhand/protocol";
import { useCallback } from "react";
import { useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { feel } from "../../platform/haptics";
import { strings } from "../../strings/strings.ts";
import { ACTION_MS, toast } from "../../ui/toast.tsx";
import type { TaskAction } from "./standing.ts";

const COMMANDS: Record<TaskAction, (task: Task) => Command> = {
  // What comes after it has not been looked at: an approval that comes late is not meant for that.
  approve: ({ id: taskId, failure }) => ({
    type: "approve",
    taskId,
    kind: "workflows",
    ...(failure?.commit ? { commit: failure.commit } : {}),
  }),
  stop: ({ id: taskId }) => ({ type: "stop", taskId }),
  retry: ({ id: taskId }) => ({ type: "retry", taskId }),
  archive: ({ id: taskId }) => ({ type: "archive", taskId }),
  cancel: ({ id: taskId }) => ({ type: "cancel", taskId }),
};

const { tasks: words } = strings;
const SAID: Record<TaskAction, string> = {
  approve: words.sentApprove,
  stop: words.sentStop,
  retry: words.sentRetry,
  archive: words.sentArchive,
  cancel: words.sentCancel,
};

let archived: { entryId: string; untilMs: number }[] = [];

/** Those that were archived right before, too: the words for this one take the place of theirs, and of their button. */
function archivedWith(entryId: string): string[] {
  const nowMs = Date.now();
  archived = [...archived.filter(({ untilMs }) => untilMs > nowMs), { entryId, untilMs: nowMs + ACTION_MS }];
  return archived.map((it) => it.entryId);
}

/** Does what a person asks of a task, through the outbox: online or not. */
export function useTaskActions(): (task: Task, action: TaskAction) => void {
  const { outbox, connection } = useServer();
  return useCallback(
    (task, action) => {
      const failed = (error: unknown) => toast(troubleOf(error).title);
      // There is no way out of the archive, and a swipe is soon made: it waits for as long as it can be taken back.
      const isFinal = action === "archive";
      outbox.add(COMMANDS[action](task), isFinal ? { afterMs: ACTION_MS + 1000 } : {}).then(({ id }) => {
        feel("sent");
        const said = connection.getSnapshot().status === "live" ? SAID[action] : strings.connection.sentLater;
        if (!isFinal) return toast(said);
        const together = archivedWith(id);
        const undo = () => {
          archived = [];
          return Promise.all(together.map((entryId) => outbox.withdraw(entryId))).then(
            () => toast(words.takenBack(together.length)),
            failed,
          );
        };
        toast(together.length > 1 ? words.sentArchives(together.length) : said, {
          title: strings.common.undo,
          onPress: () => void undo(),
        });
      }, failed);
    },
    [outbox, connection],
  );
}
