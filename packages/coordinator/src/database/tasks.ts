import { type EventBody, type Failure, type TaskEvent, TaskState } from "@farhand/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Clock } from "../domain/ports.ts";
import { type TaskStore, toTask } from "../domain/store.ts";
import { hasSandbox, nextState, type TaskTrigger } from "../domain/task-state.ts";
import { appendEvents } from "./append.ts";
import type { PublishingEventLog } from "./events.ts";
import { hashToken } from "./hash.ts";
import type { Schema } from "./schema.ts";
import { toRecord } from "./task-rows.ts";

export function createTaskStore(
  database: Kysely<Schema>,
  log: PublishingEventLog,
  options: { clock: Clock; newToken: () => string; sandboxName: (taskId: string, attempt: number) => string },
): TaskStore {
  const { clock } = options;
  const isoNow = () => clock.now().toISOString();

  /** Runs the change in a transaction and tells the followers once it is committed. */
  async function commit<T>(
    change: (transaction: Transaction<Schema>) => Promise<{ value: T; events: TaskEvent[] }>,
  ): Promise<T> {
    const { value, events } = await database.transaction().execute(change);
    log.publish(events);
    return value;
  }

  async function record(connection: Kysely<Schema>, taskId: string) {
    const row = await connection.selectFrom("tasks").selectAll().where("id", "=", taskId).executeTakeFirst();
    return row ? toRecord(row) : null;
  }

  async function existing(connection: Kysely<Schema>, taskId: string) {
    const task = await record(connection, taskId);
    if (!task) throw new Error(`task ${taskId} is not in the database`);
    return task;
  }

  async function moveIn(
    transaction: Transaction<Schema>,
    taskId: string,
    trigger: TaskTrigger,
    failure: Failure | null,
  ): Promise<TaskEvent[] | null> {
    const task = await existing(transaction, taskId);
    const to = nextState(task.state, trigger);
    if (!to) return null;
    const body: EventBody = { type: "state.changed", from: task.state, to, failure };
    const events = await appendEvents(transaction, taskId, task.attempt, [{ body, at: isoNow() }]);
    if (!hasSandbox(to))
      await transaction
        .updateTable("tasks")
        .set({ lease_owner: null, lease_until_ms: null })
        .where("id", "=", taskId)
        .execute();
    return events;
  }

  return {
    create: (task) =>
      commit(async (transaction) => {
        const at = isoNow();
        await transaction
          .insertInto("tasks")
          .values({
            id: task.id,
            user_id: task.userId,
            state: "queued",
            repository: task.repository,
            forge: task.forge,
            base_branch: task.baseBranch,
            branch: task.branch,
            model: task.model,
            prompt: task.prompt,
            attempt: 0,
            turn: 1,
            last_seq: 0,
            input_tokens: 0,
            output_tokens: 0,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            created_at: at,
            updated_at: at,
          })
          .execute();
        const { repository, prompt, model, baseBranch, branch } = task;
        const body: EventBody = { type: "task.created", repository, prompt, model, baseBranch, branch };
        const events = await appendEvents(transaction, task.id, 0, [{ body, at }]);
        return { value: await existing(transaction, task.id), events };
      }),

    get: (taskId) => record(database, taskId),

    async list({ userId, state, cursor, limit }) {
      let query = database.selectFrom("tasks").selectAll().where("user_id", "=", userId);
      if (state) query = query.where("state", "=", state);
      // Ids sort by time of creation, so the last id of a page is the cursor to the next.
      if (cursor) query = query.where("id", "<", cursor);
      const rows = await query
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit).map((row) => toTask(toRecord(row)));
      return { tasks: page, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },

    claimNext: (lease) =>
      commit(async (transaction) => {
        const claimed = await transaction
          .updateTable("tasks")
          .set((column) => ({
            attempt: column("attempt", "+", 1),
            lease_owner: lease.owner,
            lease_until_ms: lease.untilMs,
          }))
          .where("id", "=", (query) =>
            query
              .selectFrom("tasks")
              .select("id")
              .where("state", "=", "queued")
              .where((where) =>
                where.or([
                  where("lease_until_ms", "is", null),
                  where("lease_until_ms", "<", clock.now().getTime()),
                ]),
              )
              .orderBy("id")
              .limit(1),
          )
          .returning(["id", "attempt"])
          .executeTakeFirst();
        if (!claimed) return { value: null, events: [] };
        const { id, attempt } = claimed;
        const token = options.newToken();
        const at = isoNow();
        await transaction
          .insertInto("attempts")
          .values({ task_id: id, attempt, token_hash: hashToken(token), acknowledged: 0, started_at: at })
          .execute();
        const moved = await moveIn(transaction, id, "claimed", null);
        if (!moved) throw new Error(`claimed task ${id}, which is not queued`);
        const started: EventBody = {
          type: "attempt.started",
          attempt,
          sandbox: options.sandboxName(id, attempt),
        };
        const events = [...moved, ...(await appendEvents(transaction, id, attempt, [{ body: started, at }]))];
        return { value: { task: await existing(transaction, id), attempt, token }, events };
      }),

    async renewLease(taskId, lease) {
      const result = await database
        .updateTable("tasks")
        .set({ lease_until_ms: lease.untilMs })
        .where("id", "=", taskId)
        .where("lease_owner", "=", lease.owner)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    move: (taskId, trigger, failure) =>
      commit(async (transaction) => {
        const events = await moveIn(transaction, taskId, trigger, failure);
        if (!events) return { value: null, events: [] };
        return { value: await existing(transaction, taskId), events };
      }),

    async setBaseCommit(taskId, commit) {
      await database.updateTable("tasks").set({ base_commit: commit }).where("id", "=", taskId).execute();
    },

    async interrupted() {
      const states = TaskState.options.filter(hasSandbox);
      const rows = await database.selectFrom("tasks").selectAll().where("state", "in", states).execute();
      return rows.map(toRecord);
    },
  };
}
