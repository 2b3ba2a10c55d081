import type { EventBody, TaskEvent } from "@farhand/protocol";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { TaskStore } from "../domain/store.ts";
import { nextState, type TaskTrigger } from "../domain/task-state.ts";
import { appendEvents } from "./append.ts";
import { hashToken } from "./hash.ts";
import type { Schema } from "./schema.ts";
import { existing, toRecord } from "./task-rows.ts";

export interface TaskStoreOptions {
  clock: Clock;
  newToken: () => string;
  sandboxName: (taskId: string, attempt: number) => string;
}

type Commit = <T>(
  change: (transaction: Transaction<Schema>) => Promise<{ value: T; events: TaskEvent[] }>,
) => Promise<T>;

type Lease = { owner: string; untilMs: number };

/** The queue: queued tasks, the attempts that take them, and the leases on those under way. */
export function createQueue(
  database: Kysely<Schema>,
  options: TaskStoreOptions & { commit: Commit },
): Pick<TaskStore, "nextQueued" | "claim" | "resume" | "renewLease" | "takeOver"> {
  const { commit, clock } = options;

  /** Leases the task if it is queued. One statement, so that one of two claimers gets it. */
  async function lease(
    transaction: Transaction<Schema>,
    taskId: string,
    holder: Lease,
    attempt: "next" | number,
  ): Promise<number | null> {
    let query = transaction
      .updateTable("tasks")
      .set((column) => ({
        attempt: attempt === "next" ? column("attempt", "+", 1) : attempt,
        lease_owner: holder.owner,
        lease_until_ms: holder.untilMs,
      }))
      .where("id", "=", taskId)
      .where("state", "=", "queued");
    if (attempt !== "next") query = query.where("attempt", "=", attempt);
    return (await query.returning("attempt").executeTakeFirst())?.attempt ?? null;
  }

  async function append(
    transaction: Transaction<Schema>,
    taskId: string,
    attempt: number,
    trigger: TaskTrigger,
    body: EventBody,
  ): Promise<TaskEvent[]> {
    const task = await existing(transaction, taskId);
    const to = nextState(task.state, trigger);
    if (!to) throw new Error(`task ${taskId} is ${task.state} and cannot be ${trigger}`);
    const at = clock.now().toISOString();
    const moved: EventBody = { type: "state.changed", from: task.state, to, failure: null };
    return appendEvents(transaction, taskId, attempt, [
      { body: moved, at },
      { body, at },
    ]);
  }

  return {
    async nextQueued(except) {
      const row = await database
        .selectFrom("tasks")
        .selectAll("tasks")
        .where("state", "=", "queued")
        .where("id", "not in", except)
        // Users take turns: who has the fewest sandboxes at work comes first.
        .orderBy(
          sql`(SELECT count(*) FROM tasks AS busy WHERE busy.user_id = tasks.user_id
            AND busy.state IN ('starting', 'running', 'waiting'))`,
        )
        .orderBy("queued_at")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    claim: (taskId, holder) =>
      commit(async (transaction) => {
        const attempt = await lease(transaction, taskId, holder, "next");
        if (attempt === null) return { value: null, events: [] };
        const token = options.newToken();
        await transaction
          .insertInto("attempts")
          .values({
            task_id: taskId,
            attempt,
            token_hash: hashToken(token),
            acknowledged: 0,
            started_at: clock.now().toISOString(),
          })
          .execute();
        const sandbox = options.sandboxName(taskId, attempt);
        const events = await append(transaction, taskId, attempt, "claimed", {
          type: "attempt.started",
          attempt,
          sandbox,
        });
        return { value: { task: await existing(transaction, taskId), attempt, token }, events };
      }),

    resume: (taskId, attempt, holder) =>
      commit(async (transaction) => {
        if ((await lease(transaction, taskId, holder, attempt)) === null) return { value: false, events: [] };
        const { turn } = await existing(transaction, taskId);
        const body: EventBody = { type: "attempt.resumed", attempt, turn };
        return { value: true, events: await append(transaction, taskId, attempt, "resumed", body) };
      }),

    async takeOver(taskId, holder) {
      await database
        .updateTable("tasks")
        .set({ lease_owner: holder.owner, lease_until_ms: holder.untilMs })
        .where("id", "=", taskId)
        .execute();
    },

    renewLease: (taskId, holder, workedMs) =>
      database.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable("tasks")
          .set((column) => ({
            lease_until_ms: holder.untilMs,
            worked_ms: column("worked_ms", "+", workedMs),
          }))
          .where("id", "=", taskId)
          .where("lease_owner", "=", holder.owner)
          .returning("turn")
          .executeTakeFirst();
        if (!row) return false;
        await transaction
          .updateTable("turns")
          .set((column) => ({ worked_ms: column("worked_ms", "+", workedMs) }))
          .where("task_id", "=", taskId)
          .where("turn", "=", row.turn)
          .execute();
        return true;
      }),
  };
}
