import type { TaskEvent } from "@farhand/protocol";
import type { Transaction } from "kysely";
import { noticeOf } from "../domain/notification-rules.ts";
import type { TaskRecord } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

/**
 * Notes what people are to be told of an event, in the transaction that stores it: no crash in between can lose it.
 *
 * @param task as the event leaves it
 */
export async function projectNotices(
  transaction: Transaction<Schema>,
  event: TaskEvent,
  task: TaskRecord,
): Promise<void> {
  const notice = noticeOf(event, task);
  if (!notice) return;
  // Whoever stops a turn knows that it ends.
  if (notice.kind === "finished" && !(await endedByItself(transaction, task))) return;
  const values = {
    user_id: notice.userId,
    seq: notice.seq,
    kind: notice.kind,
    reason: notice.reason,
    subject: notice.subject,
    due_ms: notice.dueMs,
  };
  await transaction
    .insertInto("notices")
    .values({ task_id: notice.taskId, ...values })
    .onConflict((conflict) => conflict.column("task_id").doUpdateSet(values))
    .execute();
}

async function endedByItself(transaction: Transaction<Schema>, task: TaskRecord): Promise<boolean> {
  const turn = await transaction
    .selectFrom("turns")
    .select(["finished", "stopping"])
    .where("task_id", "=", task.id)
    .where("turn", "=", task.turn)
    .executeTakeFirst();
  return turn?.finished === 1 && turn.stopping === null;
}
