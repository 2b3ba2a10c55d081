import { EventBody, type NumberedWorkerEvent, type TaskEvent } from "@farhand/protocol";
import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { EventLog } from "../domain/store.ts";
import { createTopic } from "../domain/topic.ts";
import { appendEvents, parseMessage } from "./append.ts";
import type { Schema } from "./schema.ts";

export interface PublishingEventLog extends EventLog {
  /** Tells the followers of what another store of this folder has committed. */
  publish(events: TaskEvent[]): void;
}

/** The log with its followers: append first, then publish. */
export function createEventLog(database: Kysely<Schema>, clock: Clock): PublishingEventLog {
  const topic = createTopic<TaskEvent>();

  function publish(events: TaskEvent[]): void {
    const first = events[0];
    if (first) topic.publish(first.taskId, events);
  }

  return {
    publish,
    follow: topic.follow,

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
      const task = await database
        .selectFrom("tasks")
        .select("last_seq")
        .where("id", "=", taskId)
        .executeTakeFirst();
      const rows = await database
        .selectFrom("events")
        .selectAll()
        .where("task_id", "=", taskId)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit)
        .execute();
      const events = rows.map((row) => ({
        taskId,
        seq: row.seq,
        attempt: row.attempt,
        at: row.at,
        body: EventBody.parse(JSON.parse(row.body)),
      }));
      return { events, lastSeq: task?.last_seq ?? 0 };
    },

    async conversation(taskId) {
      const rows = await database
        .selectFrom("messages")
        .select(["role", "content"])
        .where("task_id", "=", taskId)
        .orderBy("position")
        .execute();
      return rows.map(parseMessage);
    },
  };
}

function isContiguous(acknowledged: number, entries: NumberedWorkerEvent[]): boolean {
  return entries.every((entry, index) => entry.n === acknowledged + 1 + index);
}
