import { InboxItem } from "@farhand/protocol";
import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { Inbox } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

/** Signals to workers. They are stored, so that one that is between two polls, or two coordinators, misses none. */
export function createInbox(database: Kysely<Schema>, clock: Clock): Inbox {
  const waiters = new Map<string, Set<() => void>>();

  async function last(connection: Kysely<Schema>, taskId: string): Promise<number> {
    const row = await connection
      .selectFrom("inbox")
      .select(({ fn }) => fn.max("n").as("n"))
      .where("task_id", "=", taskId)
      .executeTakeFirst();
    return row?.n ?? 0;
  }

  async function items(taskId: string, after: number): Promise<InboxItem[]> {
    const rows = await database
      .selectFrom("inbox")
      .select(["n", "type"])
      .where("task_id", "=", taskId)
      .where("n", ">", after)
      .orderBy("n")
      .execute();
    return rows.map((row) => InboxItem.parse(row));
  }

  return {
    async add(taskId, type) {
      await database.transaction().execute(async (transaction) => {
        const n = (await last(transaction, taskId)) + 1;
        const row = { task_id: taskId, n, type, created_at: clock.now().toISOString() };
        await transaction.insertInto("inbox").values(row).execute();
      });
      for (const waiter of waiters.get(taskId) ?? []) waiter();
    },

    last: (taskId) => last(database, taskId),

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
  };
}
