import { type EventBody, InboxItem } from "@farhand/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { Inbox } from "../domain/store.ts";
import { isActive } from "../domain/task-state.ts";
import { appendEvents } from "./append.ts";
import type { PublishingEventLog } from "./events.ts";
import type { Schema } from "./schema.ts";
import { toRecord } from "./task-rows.ts";

export function createInbox(
  database: Kysely<Schema>,
  log: PublishingEventLog,
  options: { clock: Clock; newId: () => string },
): Inbox {
  const waiters = new Map<string, Set<() => void>>();
  const wake = (taskId: string) => {
    for (const waiter of waiters.get(taskId) ?? []) waiter();
  };

  async function insert(
    transaction: Transaction<Schema>,
    taskId: string,
    item: { type: string; message_id: string | null; text: string | null },
  ): Promise<void> {
    const last = await transaction
      .selectFrom("inbox")
      .select(({ fn }) => fn.max("n").as("n"))
      .where("task_id", "=", taskId)
      .executeTakeFirst();
    await transaction
      .insertInto("inbox")
      .values({
        ...item,
        task_id: taskId,
        n: (last?.n ?? 0) + 1,
        delivered: 0,
        created_at: options.clock.now().toISOString(),
      })
      .execute();
  }

  async function items(taskId: string, after: number): Promise<InboxItem[]> {
    const rows = await database
      .selectFrom("inbox")
      .selectAll()
      .where("task_id", "=", taskId)
      .where("n", ">", after)
      .orderBy("n")
      .execute();
    return rows.map((row) =>
      InboxItem.parse(
        row.type === "cancel"
          ? { n: row.n, type: "cancel" }
          : { n: row.n, type: "message", messageId: row.message_id, text: row.text },
      ),
    );
  }

  return {
    async addMessage(taskId, text) {
      const messageId = options.newId();
      const events = await database.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom("tasks")
          .selectAll()
          .where("id", "=", taskId)
          .executeTakeFirstOrThrow();
        const task = toRecord(row);
        if (!isActive(task.state)) return null;
        await insert(transaction, taskId, { type: "message", message_id: messageId, text });
        const body: EventBody = { type: "message.queued", messageId, text };
        const at = options.clock.now().toISOString();
        return appendEvents(transaction, taskId, task.attempt, [{ body, at }]);
      });
      if (!events) return null;
      log.publish(events);
      wake(taskId);
      return { messageId };
    },

    async addCancel(taskId) {
      await database
        .transaction()
        .execute((transaction) =>
          insert(transaction, taskId, { type: "cancel", message_id: null, text: null }),
        );
      wake(taskId);
    },

    async read(taskId, after, signal) {
      // Listening starts before the look, so that nothing can slip in between.
      const { promise, resolve } = Promise.withResolvers<void>();
      const set = waiters.get(taskId) ?? new Set();
      waiters.set(taskId, set.add(resolve));
      signal.addEventListener("abort", () => resolve(), { once: true });
      try {
        const found = await items(taskId, after);
        if (found.length > 0 || signal.aborted) return found;
        await promise;
        return await items(taskId, after);
      } finally {
        set.delete(resolve);
        if (set.size === 0 && waiters.get(taskId) === set) waiters.delete(taskId);
      }
    },

    async undelivered(taskId) {
      const rows = await database
        .selectFrom("inbox")
        .select(["message_id", "text"])
        .where("task_id", "=", taskId)
        .where("type", "=", "message")
        .where("delivered", "=", 0)
        .orderBy("n")
        .execute();
      return rows.map((row) => ({ messageId: row.message_id ?? "", text: row.text ?? "" }));
    },
  };
}
