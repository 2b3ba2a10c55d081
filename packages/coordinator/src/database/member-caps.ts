import type { Kysely } from "kysely";
import type { MemberCapStore } from "../domain/budget.ts";
import type { Schema } from "./schema.ts";

export function createMemberCapStore(database: Kysely<Schema>): MemberCapStore {
  return {
    async get(userId) {
      const row = await database
        .selectFrom("member_caps")
        .selectAll()
        .where("user_id", "=", userId)
        .executeTakeFirst();
      if (!row) return null;
      return {
        day: { maxUsd: row.day_usd, maxTokens: row.day_tokens },
        user: { maxUsd: row.user_usd, maxTokens: row.user_tokens },
      };
    },

    async set(userId, cap) {
      if (cap === null) {
        await database.deleteFrom("member_caps").where("user_id", "=", userId).execute();
        return;
      }
      const amounts = {
        day_usd: cap.day.maxUsd,
        day_tokens: cap.day.maxTokens,
        user_usd: cap.user.maxUsd,
        user_tokens: cap.user.maxTokens,
      };
      await database
        .insertInto("member_caps")
        .values({ user_id: userId, ...amounts })
        .onConflict((conflict) => conflict.column("user_id").doUpdateSet(amounts))
        .execute();
    },
  };
}
