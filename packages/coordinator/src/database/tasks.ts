import { type EventBody, type TaskEvent, TaskState } from "@farhand/protocol";
import { type Kysely, sql, type Transaction } from "kysely";
import { withAttachments } from "../domain/attachment.ts";
import { openTools } from "../domain/conversation.ts";
import { type NewTask, type TaskStore, toTask } from "../domain/store.ts";
import { hasSandbox } from "../domain/task-state.ts";
import { appendEvents } from "./append.ts";
import type { PublishingEventLog } from "./events.ts";
import { nameInLines } from "./project-attachments.ts";
import { addLines, readLines } from "./project-conversation.ts";
import { readQuestion, readQuestions } from "./project-questions.ts";
import { readTurns } from "./project-turns.ts";
import { createQueue, type TaskStoreOptions } from "./queue.ts";
import type { Schema } from "./schema.ts";
import { existing, record, toRecord } from "./task-rows.ts";
import { readMessages } from "./user-messages.ts";

export function createTaskStore(
  database: Kysely<Schema>,
  log: PublishingEventLog,
  options: TaskStoreOptions,
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

  async function factsIn(connection: Kysely<Schema>, taskId: string) {
    return {
      task: await existing(connection, taskId),
      turns: await readTurns(connection, taskId),
      messages: await readMessages(connection, taskId),
      openTools: openTools(await readLines(connection, taskId, { fromLastAnswer: true })),
      questions: await readQuestions(connection, taskId),
      now: clock.now(),
    };
  }

  async function byRequestKey(connection: Kysely<Schema>, userId: string, requestKey: string) {
    const row = await connection
      .selectFrom("tasks")
      .selectAll()
      .where("user_id", "=", userId)
      .where("request_key", "=", requestKey)
      .executeTakeFirst();
    return row ? toRecord(row) : null;
  }

  return {
    ...createQueue(database, { ...options, commit }),

    create: (task) =>
      commit(async (transaction) => {
        const made = task.requestKey && (await byRequestKey(transaction, task.userId, task.requestKey));
        if (made) return { value: made, events: [] };
        const at = isoNow();
        await transaction.insertInto("tasks").values(rowOf(task, at)).execute();
        if (task.fork) {
          await addLines(transaction, task.id, task.fork.lines);
          await nameInLines(transaction, task.id, task.userId, task.fork.lines);
        }
        const entries = openingEvents(task).map((body) => ({ body, at }));
        const events = await appendEvents(transaction, task.id, 0, entries);
        return { value: await existing(transaction, task.id), events };
      }),

    byRequestKey: (userId, requestKey) => byRequestKey(database, userId, requestKey),

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

    facts: (taskId) => database.transaction().execute((transaction) => factsIn(transaction, taskId)),

    turns: (taskId) => readTurns(database, taskId),
    question: (taskId, questionId) => readQuestion(database, taskId, questionId),

    change: (taskId, decide) =>
      commit(async (transaction) => {
        const facts = await factsIn(transaction, taskId);
        const at = isoNow();
        const entries = decide(facts).map((body) => ({ body, at }));
        const events = await appendEvents(transaction, taskId, facts.task.attempt, entries);
        const task = await existing(transaction, taskId);
        if (!hasSandbox(task.state))
          await transaction
            .updateTable("tasks")
            .set({ lease_owner: null, lease_until_ms: null })
            .where("id", "=", taskId)
            .execute();
        return { value: task, events };
      }),

    async setBaseCommit(taskId, commit) {
      await database.updateTable("tasks").set({ base_commit: commit }).where("id", "=", taskId).execute();
    },

    async setDiskBytes(taskId, diskBytes) {
      await database
        .updateTable("tasks")
        .set({ disk_bytes: diskBytes, measured_ms: clock.now().getTime() })
        .where("id", "=", taskId)
        .execute();
    },

    async interrupted() {
      const states = TaskState.options.filter(hasSandbox);
      const rows = await database.selectFrom("tasks").selectAll().where("state", "in", states).execute();
      return rows.map(toRecord);
    },

    async outdated(before, limit) {
      const rows = await database
        .selectFrom("tasks")
        .selectAll()
        .where("state", "=", "archived")
        .where("removed", "=", 0)
        .where("archived_at", "<", before.toISOString())
        .orderBy("archived_at")
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },

    async toMeasure(limit) {
      const rows = await database
        .selectFrom("tasks")
        .selectAll()
        .where("removed", "=", 0)
        // Only what was at work since has grown.
        .where((where) =>
          where.or([
            where("measured_ms", "is", null),
            where(sql<number>`unixepoch(updated_at) * 1000`, ">", where.ref("measured_ms")),
          ]),
        )
        .orderBy("measured_ms")
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },
  };
}

function rowOf(task: NewTask, at: string) {
  return {
    id: task.id,
    user_id: task.userId,
    state: "queued",
    repository: task.repository,
    forge: task.forge,
    base_branch: task.baseBranch,
    base_commit: task.fork?.baseCommit ?? null,
    revision: task.fork?.revision ?? null,
    branch: task.branch,
    model: task.model,
    prompt: task.prompt,
    request_key: task.requestKey,
    attempt: 0,
    turn: 1,
    last_seq: 0,
    losses: 0,
    worked_ms: 0,
    removed: 0,
    input_tokens: 0,
    output_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    queued_at: at,
    created_at: at,
    updated_at: at,
  };
}

function openingEvents(task: NewTask): EventBody[] {
  const { repository, prompt, model, baseBranch, branch, messageId } = task;
  const forkedFrom = task.fork?.from ?? null;
  const { maxUsd, maxTokens } = task.budget;
  return [
    { type: "task.created", repository, prompt, model, baseBranch, branch, forkedFrom },
    ...(maxUsd === null && maxTokens === null
      ? []
      : [{ type: "budget.changed" as const, maxUsd, maxTokens }]),
    {
      type: "turn.started",
      turn: 1,
      messageId,
      text: prompt,
      isRetry: false,
      ...withAttachments(task.attachments),
    },
  ];
}
