import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { RequestStore } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

export function createRequestStore(database: Kysely<Schema>, clock: Clock): RequestStore {
  return {
    async find(userId, key) {
      const row = await database
        .selectFrom("requests")
        .selectAll()
        .where("user_id", "=", userId)
        .where("key", "=", key)
        .executeTakeFirst();
      if (!row) return null;
      return {
        requestHash: row.request_hash,
        status: row.status,
        contentType: row.content_type,
        body: row.body,
      };
    },

    async save(userId, key, answer) {
      await database
        .insertInto("requests")
        .values({
          user_id: userId,
          key,
          request_hash: answer.requestHash,
          status: answer.status,
          content_type: answer.contentType,
          body: answer.body,
          created_at: clock.now().toISOString(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async forget(before) {
      await database.deleteFrom("requests").where("created_at", "<", before.toISOString()).execute();
    },
  };
}
