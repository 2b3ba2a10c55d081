import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Devices, what is to be told on them, and the sealed texts that are nobody's key. */
export const notifications: Migration = {
  async up(database: Kysely<unknown>) {
    const { schema } = database;
    await schema
      .createTable("sealed_texts")
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("box", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("sealed_texts_key", ["user_id", "purpose", "subject"])
      .execute();
    await schema
      .createTable("devices")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("session_id", "text")
      .addColumn("channel", "text", (column) => column.notNull())
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("host", "text", (column) => column.notNull())
      .addColumn("kinds", "text", (column) => column.notNull())
      .addColumn("target_hash", "text", (column) => column.notNull().unique())
      .addColumn("added_at", "text", (column) => column.notNull())
      .addColumn("last_sent_at", "text")
      .addColumn("last_error", "text")
      .execute();
    await schema.createIndex("devices_by_user").on("devices").columns(["user_id", "id"]).execute();
    // One for each task: a newer one takes the place of one that was not told yet.
    await schema
      .createTable("notices")
      .addColumn("task_id", "text", (column) => column.primaryKey().references("tasks.id"))
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("seq", "integer", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("reason", "text")
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("due_ms", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("notices_by_time").on("notices").column("due_ms").execute();
    await schema
      .createTable("deliveries")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("device_id", "text", (column) => column.notNull())
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("reason", "text")
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull())
      .addColumn("created_ms", "integer", (column) => column.notNull())
      .addColumn("next_ms", "integer", (column) => column.notNull())
      .addColumn("lease_until_ms", "integer")
      .addColumn("settled_ms", "integer")
      .addColumn("why", "text")
      .addColumn("receipt_id", "text")
      .addColumn("receipt_ms", "integer")
      .execute();
    await schema.createIndex("deliveries_by_time").on("deliveries").columns(["status", "next_ms"]).execute();
    await schema
      .createIndex("deliveries_by_device")
      .on("deliveries")
      .columns(["device_id", "task_id", "created_ms"])
      .execute();
    await schema.createIndex("deliveries_by_receipt").on("deliveries").column("receipt_ms").execute();
  },
};
