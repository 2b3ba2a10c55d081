import type { TaskEvent } from "@farhand/protocol";
import type { Kysely, Transaction } from "kysely";
import type { TaskRecord, TurnRecord } from "../domain/store.ts";
import { isActive } from "../domain/task-state.ts";
import type { Schema } from "./schema.ts";

/**
 * Keeps the table of turns in step with the log.
 *
 * @returns the checkpoint that the task goes on from where the event changes it: a retry goes back to the turn's start
 */
export async function projectTurns(
  transaction: Transaction<Schema>,
  { taskId, body, at }: TaskEvent,
  task: TaskRecord,
): Promise<string | null | undefined> {
  const ofTurn = (turn: number) =>
    transaction.updateTable("turns").where("task_id", "=", taskId).where("turn", "=", turn);
  switch (body.type) {
    case "turn.started": {
      if (body.isRetry) {
        const row = await transaction
          .selectFrom("turns")
          .select("start_revision")
          .where("task_id", "=", taskId)
          .where("turn", "=", body.turn)
          .executeTakeFirstOrThrow();
        await ofTurn(body.turn)
          .set({
            started_at: at,
            ended_at: null,
            end_revision: null,
            finished: 0,
            stopping: null,
            worked_ms: 0,
          })
          .execute();
        // The first turn begins with the base's own files, and not with what a failed run has left on the branch.
        return row.start_revision ?? task.baseCommit;
      }
      await transaction
        .insertInto("turns")
        .values({
          task_id: taskId,
          turn: body.turn,
          message_id: body.messageId,
          text: body.text,
          started_at: at,
          start_revision: task.revision,
          finished: 0,
          worked_ms: 0,
          discarded: 0,
        })
        .execute();
      return undefined;
    }
    case "checkpoint.saved":
      await ofTurn(task.turn).set({ end_revision: body.commit }).execute();
      return undefined;
    case "turn.stopping":
      await ofTurn(task.turn).set({ stopping: body.how }).execute();
      return undefined;
    case "turn.finished":
      await ofTurn(task.turn).set({ finished: 1 }).execute();
      return undefined;
    case "state.changed":
      // A turn whose publishing is tried again goes on.
      if (isActive(body.to)) await ofTurn(task.turn).set({ ended_at: null }).execute();
      else await ofTurn(task.turn).set({ ended_at: at }).where("ended_at", "is", null).execute();
      return undefined;
    case "task.rolled_back":
      await transaction
        .updateTable("turns")
        .set({ discarded: 1 })
        .where("task_id", "=", taskId)
        .where("turn", ">", body.turn)
        .execute();
      return undefined;
    default:
      return undefined;
  }
}

export async function readTurns(connection: Kysely<Schema>, taskId: string): Promise<TurnRecord[]> {
  const rows = await connection
    .selectFrom("turns")
    .selectAll()
    .where("task_id", "=", taskId)
    .orderBy("turn")
    .execute();
  return rows.map((row) => ({
    turn: row.turn,
    messageId: row.message_id,
    text: row.text,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    workedMs: row.worked_ms,
    stopping: row.stopping === "stop" || row.stopping === "cancel" ? row.stopping : null,
    startRevision: row.start_revision,
    endRevision: row.end_revision,
    isFinished: row.finished === 1,
    isDiscarded: row.discarded === 1,
  }));
}
