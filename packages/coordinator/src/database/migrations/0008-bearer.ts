import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Whether a model key goes as a bearer token. All that are there were kept for `x-api-key`. */
export const bearer: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`ALTER TABLE keys ADD COLUMN bearer INTEGER NOT NULL DEFAULT 0`.execute(database);
  },
};
