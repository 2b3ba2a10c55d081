import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Photos and files of people, and the tasks whose events name them. */
export const attachments: Migration = {
  async up(database: Kysely<unknown>) {
    const { schema } = database;
    await schema
      .createTable("attachments")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("media_type", "text", (column) => column.notNull())
      .addColumn("size_bytes", "integer", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("file", "text", (column) => column.notNull())
      .addColumn("added_at", "text", (column) => column.notNull())
      // Its last task was removed: it goes without waiting.
      .addColumn("released", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("attachments_key", ["user_id", "id"])
      .execute();
    await schema
      .createTable("task_attachments")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("attachment_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("task_attachments_key", ["task_id", "attachment_id"])
      // None is removed while a task names it, and no task names one that was.
      .addForeignKeyConstraint("task_attachments_attachment", ["user_id", "attachment_id"], "attachments", [
        "user_id",
        "id",
      ])
      .execute();
    await schema
      .createIndex("task_attachments_by_attachment")
      .on("task_attachments")
      .columns(["user_id", "attachment_id"])
      .execute();
    // JSON; null for none.
    await schema.alterTable("user_messages").addColumn("attachments", "text").execute();
  },
};
