import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Users' keys and the secrets of their repositories: each sealed, and of the key only what may be shown. */
export const vault: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable("keys")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("slot", "text", (column) => column.notNull())
      .addColumn("base_url", "text", (column) => column.notNull())
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("box", "text", (column) => column.notNull())
      .addColumn("last_four", "text", (column) => column.notNull())
      .addColumn("added_at", "text", (column) => column.notNull())
      .addColumn("check_result", "text", (column) => column.notNull())
      .addColumn("checked_at", "text")
      .addColumn("check_message", "text", (column) => column.notNull())
      .addUniqueConstraint("keys_slot", ["user_id", "purpose", "slot"])
      .execute();
    await schema
      .createTable("repository_secrets")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("repository", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("box", "text", (column) => column.notNull())
      .addColumn("for_agent", "integer", (column) => column.notNull())
      .addColumn("last_four", "text", (column) => column.notNull())
      .addColumn("added_at", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("repository_secrets_key", ["user_id", "repository", "name"])
      .execute();
  },
};
