import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Turns, queued messages, checkpoints, retention, and the answers to requests with an idempotency key. */
export const turns: Migration = {
  async up(database: Kysely<unknown>) {
    await addTaskColumns(database);
    await makeTables(database);
    await carryOver(database);
  },
};

async function addTaskColumns(database: Kysely<unknown>): Promise<void> {
  const add = (name: string, type: "text" | "integer") =>
    database.schema.alterTable("tasks").addColumn(name, type).execute();
  for (const name of ["request_key", "revision", "forked_task", "delayed_by", "archived_at", "queued_at"])
    await add(name, "text");
  for (const name of ["forked_turn", "disk_bytes", "measured_ms"]) await add(name, "integer");
  for (const name of ["losses", "removed", "worked_ms"])
    await database.schema
      .alterTable("tasks")
      .addColumn(name, "integer", (column) => column.notNull().defaultTo(0))
      .execute();
  await database.schema
    .createIndex("tasks_by_request")
    .on("tasks")
    .columns(["user_id", "request_key"])
    .unique()
    .execute();
}

async function makeTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("turns")
    .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
    .addColumn("turn", "integer", (column) => column.notNull())
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text")
    .addColumn("start_revision", "text")
    .addColumn("end_revision", "text")
    .addColumn("finished", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("stopping", "text")
    .addColumn("worked_ms", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("discarded", "integer", (column) => column.notNull().defaultTo(0))
    .addPrimaryKeyConstraint("turns_key", ["task_id", "turn"])
    .execute();
  await schema
    .createTable("user_messages")
    .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("turn", "integer", (column) => column.notNull())
    .addColumn("opening", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("delivery", "integer")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("user_messages_key", ["task_id", "message_id"])
    .execute();
  await schema
    .createTable("conversation")
    .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("turn", "integer", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("content", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("conversation_key", ["task_id", "position"])
    .execute();
  await schema
    .createTable("requests")
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("request_hash", "text", (column) => column.notNull())
    .addColumn("status", "integer", (column) => column.notNull())
    .addColumn("content_type", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("requests_key", ["user_id", "key"])
    .execute();
  await schema.createIndex("requests_by_time").on("requests").column("created_at").execute();
}

/** What the first schema held, in the shapes of this one. */
async function carryOver(database: Kysely<unknown>): Promise<void> {
  const run = async (text: string) => void (await sql.raw(text).execute(database));
  // The id of a first prompt, which had none.
  const openingId = "'m_' || substr(task_id, 3)";
  await run(`INSERT INTO turns (task_id, turn, message_id, text, started_at, ended_at, finished)
    SELECT id, 1, 'm_' || substr(id, 3), prompt, created_at,
      CASE WHEN state IN ('queued', 'starting', 'running', 'waiting') THEN NULL ELSE updated_at END,
      state = 'idle' FROM tasks`);
  await run(`INSERT INTO user_messages (task_id, message_id, text, status, turn, opening, position, created_at)
    SELECT task_id, message_id, text, 'delivered', 1, 1, 0, started_at FROM turns`);
  await run(`INSERT INTO user_messages (task_id, message_id, text, status, turn, opening, position, delivery, created_at)
    SELECT task_id, message_id, text, CASE delivered WHEN 1 THEN 'delivered' ELSE 'waiting' END, 1, 0, n,
      CASE delivered WHEN 1 THEN n END, created_at FROM inbox WHERE type = 'message'`);
  await run(`INSERT INTO conversation (task_id, position, turn, role, content)
    SELECT task_id, position, 1, role, content FROM messages`);
  await run(`INSERT INTO conversation (task_id, position, turn, role, content)
    SELECT id, 1, 1, 'user', json_array(json_object('type', 'text', 'text', prompt)) FROM tasks
    WHERE NOT EXISTS (SELECT 1 FROM messages WHERE messages.task_id = tasks.id)`);
  await run(
    `UPDATE events SET body = json_set(body, '$.forkedFrom', json('null')) WHERE type = 'task.created'`,
  );
  await run(`UPDATE events SET type = 'turn.started', body = json_object('type', 'turn.started', 'turn', 1,
    'messageId', ${openingId}, 'text', json_extract(body, '$.text'), 'isRetry', json('false'))
    WHERE type = 'user.message' AND json_extract(body, '$.messageId') IS NULL`);
  await run("UPDATE tasks SET queued_at = created_at");
  await run("UPDATE tasks SET archived_at = updated_at WHERE state = 'archived'");
  await run("DROP TABLE messages");
  await run("DELETE FROM inbox");
  for (const column of ["message_id", "text", "delivered"])
    await run(`ALTER TABLE inbox DROP COLUMN ${column}`);
}
