import { chatRows, type PendingRow } from "@farhand/client/app";
import { useServer } from "../../../data/server.tsx";
import { strings } from "../../../strings/strings.ts";
import { toast } from "../../../ui/toast.tsx";
import { useOpenTask } from "../open-task.tsx";
import { tellTrouble, useAsk } from "./use-ask.ts";
import { useTaskEntries } from "./use-task-entries.ts";

const { chat: words } = strings;

/** The order of ids after the one was moved by a place; null where it cannot go there. */
export function moved(ids: readonly string[], id: string, by: -1 | 1): string[] | null {
  const from = ids.indexOf(id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= ids.length) return null;
  const next = ids.slice();
  next.splice(from, 1);
  next.splice(to, 0, id);
  return next;
}

/**
 * What can be done with a message that waits. What the server has not got is changed on this device; the rest through
 * commands of their own, which work offline as well.
 */
export function usePendingActions(row: PendingRow) {
  const { outbox } = useServer();
  const { taskId, view } = useOpenTask();
  const entries = useTaskEntries(taskId);
  const ask = useAsk();
  const { entryId } = row;
  const pending = chatRows(view, entries).filter((it): it is PendingRow => it.kind === "pending");
  // Among its own kind: those on the server, or those that are still here.
  const peers = pending.filter((it) => (it.entryId === null) === (entryId === null));
  const ids = peers.map((it) => it.entryId ?? it.messageId);

  const place = (by: -1 | 1) => {
    const order = moved(ids, entryId ?? row.messageId, by);
    if (!order) return null;
    return () => {
      if (entryId === null) void ask({ type: "reorder_messages", taskId, messageIds: order });
      else reorderHere(order).catch(tellTrouble);
    };
  };
  /** The outbox moves all commands of a task, not only messages: the others keep their places. */
  const reorderHere = (order: readonly string[]) => {
    const isMessage = new Set(ids);
    const movable = entries.filter(({ status }) => status !== "sending" && status !== "sent");
    let next = 0;
    const whole = movable.map(({ id }) => (isMessage.has(id) ? (order[next++] ?? id) : id));
    return outbox.reorder(taskId, whole);
  };

  return {
    canEdit: row.status !== "sending" && row.status !== "sent",
    moveUp: place(-1),
    moveDown: place(1),
    confirm: () => {
      if (entryId) outbox.confirm(entryId).catch(tellTrouble);
    },
    withdraw: () => {
      if (entryId === null) {
        void ask({ type: "withdraw_message", taskId, messageId: row.messageId }, words.withdrawn);
        return;
      }
      outbox
        .withdraw(entryId)
        .then(({ mayHaveArrived }) => toast(mayHaveArrived ? words.withdrawnLate : words.withdrawn))
        .catch(tellTrouble);
    },
    /** @returns whether the device has it; a person was told where not */
    edit: async (text: string): Promise<boolean> => {
      if (entryId === null)
        return (await ask({ type: "edit_message", taskId, messageId: row.messageId, text })) !== null;
      return outbox.edit(entryId, text).then(
        () => true,
        (error: unknown) => {
          tellTrouble(error);
          return false;
        },
      );
    },
  };
}
