import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Who did what from where, which can be added to and neither changed nor removed; deliveries of forges. */
export const audit: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable("audit")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("user_id", "text")
      .addColumn("action", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("address", "text")
      .addColumn("detail", "text", (column) => column.notNull())
      .execute();
    await database.schema.createIndex("audit_by_user").on("audit").columns(["user_id", "id"]).execute();
    const refuse = (name: string, when: string) =>
      sql
        .raw(
          `CREATE TRIGGER audit_${name} BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END`,
        )
        .execute(database);
    await refuse("no_update", "UPDATE ON audit");
    await refuse("no_delete", "DELETE ON audit");
    // INSERT OR REPLACE removes a row without firing the trigger on DELETE.
    await refuse("no_replace", "INSERT ON audit WHEN NEW.id IN (SELECT id FROM audit)");
    await database.schema
      .createTable("webhook_deliveries")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("at", "text", (column) => column.notNull())
      .execute();
  },
};
