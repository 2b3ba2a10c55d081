import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the owner lets each member spend. A member without a row has no cap. */
export const memberCaps: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable("member_caps")
      .addColumn("user_id", "text", (column) => column.primaryKey().references("users.id"))
      .addColumn("day_usd", "real")
      .addColumn("day_tokens", "integer")
      .addColumn("user_usd", "real")
      .addColumn("user_tokens", "integer")
      .execute();
  },
};
