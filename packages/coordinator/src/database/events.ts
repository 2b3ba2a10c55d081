import { EventBody, type NumberedWorkerEvent, type TaskEvent } from "@farhand/protocol";
import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { EventLog } from "../domain/store.ts";
import { createTopic } from "../domain/topic.ts";
import { appendEvents } from "./append.ts";
import { readLines } from "./project-conversation.ts";
import type { Schema } from "./schema.ts";

export interface PublishingEventLog extends EventLog {
  /** Tells the followers of what another store of this folder has committed. */
  publish(events: TaskEvent[]): void;
}

/** The log with its followers: append first, then publish. */
export function createEventLog(database: Kysely<Schema>, clock: Clock): PublishingEventLog {
  const topic = createTopic<TaskEvent>();
  const changes = createTopic<string>();
  /** Whose task it is never changes. */
  const owners = new Map<string, string>();

  function publish(events: TaskEvent[]): void {
    const first = events[0];
    if (!first) return;
    topic.publish(first.taskId, events);
    void tellOwner(first.taskId);
  }

  async function tellOwner(taskId: string): Promise<void> {
    const known = owners.get(taskId) ?? (await ownerOf(taskId));
    if (known) changes.publish(known, [taskId]);
  }

  async function ownerOf(taskId: string): Promise<string | null> {
    const row = await database
      .selectFrom("tasks")
      .select("user_id")
      .where("id", "=", taskId)
      .executeTakeFirst()
      // The followers of the list see the task with its next event.
      .catch(() => undefined);
    if (row) owners.set(taskId, row.user_id);
    return row?.user_id ?? null;
  }

  const toEvents = (taskId: string, rows: { seq: number; attempt: number; at: string; body: string }[]) =>
    rows.map((row) => ({
      taskId,
      seq: row.seq,
      attempt: row.attempt,
      at: row.at,
      body: EventBody.parse(JSON.parse(row.body)),
    }));

  async function lastSeqOf(taskId: string): Promise<number> {
    const task = await database
      .selectFrom("tasks")
      .select("last_seq")
      .where("id", "=", taskId)
      .executeTakeFirst();
    return task?.last_seq ?? 0;
  }

  return {
    publish,
    follow: topic.follow,
    followTasks: changes.follow,

    async append(taskId, attempt, bodies) {
      const at = clock.now().toISOString();
      const events = await database.transaction().execute((transaction) =>
        appendEvents(
          transaction,
          taskId,
          attempt,
          bodies.map((body) => ({ body, at })),
        ),
      );
      publish(events);
      return events;
    },

    async appendFromWorker(taskId, attempt, numbered) {
      const result = await database.transaction().execute(async (transaction) => {
        const { acknowledged, ended_at } = await transaction
          .selectFrom("attempts")
          .select(["acknowledged", "ended_at"])
          .where("task_id", "=", taskId)
          .where("attempt", "=", attempt)
          .executeTakeFirstOrThrow();
        // The fence again, in the same transaction: a request may have passed the gateway's while the attempt ended.
        if (ended_at !== null) return { status: "gap" as const, acknowledged, events: [] };
        const fresh = numbered.filter((entry) => entry.n > acknowledged);
        if (!isContiguous(acknowledged, fresh)) return { status: "gap" as const, acknowledged, events: [] };
        const last = fresh.at(-1);
        if (!last) return { status: "ok" as const, acknowledged, events: [] };
        const entries = fresh.map(({ event, at }) => ({ body: event, at }));
        const events = await appendEvents(transaction, taskId, attempt, entries);
        await transaction
          .updateTable("attempts")
          .set({ acknowledged: last.n })
          .where("task_id", "=", taskId)
          .where("attempt", "=", attempt)
          .execute();
        return { status: "ok" as const, acknowledged: last.n, events };
      });
      publish(result.events);
      return { status: result.status, acknowledged: result.acknowledged };
    },

    async read(taskId, after, limit) {
      const lastSeq = await lastSeqOf(taskId);
      const rows = await database
        .selectFrom("events")
        .selectAll()
        .where("task_id", "=", taskId)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit)
        .execute();
      return { status: after > lastSeq ? "gap" : "ok", events: toEvents(taskId, rows), lastSeq };
    },

    async readBefore(taskId, before, limit) {
      const lastSeq = await lastSeqOf(taskId);
      const rows = await database
        .selectFrom("events")
        .selectAll()
        .where("task_id", "=", taskId)
        .where("seq", "<", before)
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return { status: "ok", events: toEvents(taskId, rows.reverse()), lastSeq };
    },

    conversation: (taskId) => readLines(database, taskId),
  };
}

function isContiguous(acknowledged: number, entries: NumberedWorkerEvent[]): boolean {
  return entries.every((entry, index) => entry.n === acknowledged + 1 + index);
}
