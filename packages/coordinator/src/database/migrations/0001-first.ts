import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const first: Migration = {
  async up(database: Kysely<unknown>) {
    const schema = database.schema;
    await schema
      .createTable("users")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("login", "text", (column) => column.notNull().unique())
      .addColumn("token_hash", "text", (column) => column.notNull().unique())
      .addColumn("created_at", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("settings")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("settings_key", ["user_id", "key"])
      .execute();
    await schema
      .createTable("tasks")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("repository", "text", (column) => column.notNull())
      .addColumn("forge", "text", (column) => column.notNull())
      .addColumn("base_branch", "text")
      .addColumn("base_commit", "text")
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("prompt", "text", (column) => column.notNull())
      .addColumn("title", "text")
      .addColumn("summary", "text")
      .addColumn("commit_id", "text")
      .addColumn("files_changed", "integer")
      .addColumn("pull_request_url", "text")
      .addColumn("attempt", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("turn", "integer", (column) => column.notNull().defaultTo(1))
      .addColumn("last_seq", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("input_tokens", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("output_tokens", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("cache_creation_input_tokens", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("cache_read_input_tokens", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("failure", "text")
      .addColumn("lease_owner", "text")
      .addColumn("lease_until_ms", "integer")
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("updated_at", "text", (column) => column.notNull())
      .execute();
    await schema.createIndex("tasks_by_state").on("tasks").columns(["state", "id"]).execute();
    await schema.createIndex("tasks_by_user").on("tasks").columns(["user_id", "id"]).execute();
    await schema
      .createTable("attempts")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("attempt", "integer", (column) => column.notNull())
      .addColumn("token_hash", "text", (column) => column.notNull())
      .addColumn("acknowledged", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("started_at", "text", (column) => column.notNull())
      .addColumn("ended_at", "text")
      .addColumn("exit_code", "integer")
      .addPrimaryKeyConstraint("attempts_key", ["task_id", "attempt"])
      .execute();
    await schema
      .createTable("events")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("seq", "integer", (column) => column.notNull())
      .addColumn("attempt", "integer", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("events_key", ["task_id", "seq"])
      .execute();
    await schema
      .createTable("messages")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("position", "integer", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("content", "text", (column) => column.notNull())
      .addColumn("seq", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("messages_key", ["task_id", "position"])
      .execute();
    await schema
      .createTable("inbox")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("n", "integer", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("message_id", "text")
      .addColumn("text", "text")
      .addColumn("delivered", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("created_at", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("inbox_key", ["task_id", "n"])
      .execute();
  },
};
