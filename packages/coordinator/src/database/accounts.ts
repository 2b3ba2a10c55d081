import type { Kysely } from "kysely";
import type { AccountStore } from "../domain/sign-in.ts";
import type { Schema } from "./schema.ts";

/** Accounts at providers, which better-auth adds. */
export function createAccountStore(database: Kysely<Schema>): AccountStore {
  return {
    async list(userId) {
      const rows = await database
        .selectFrom("auth_account")
        .select(["providerId", "createdAt"])
        .where("userId", "=", userId)
        .orderBy("createdAt")
        .orderBy("id")
        .execute();
      return rows.map(({ providerId, createdAt }) => ({ provider: providerId, linkedAt: createdAt }));
    },

    remove: (userId, provider, mayBeLast) =>
      database.transaction().execute(async (change) => {
        const accounts = await change
          .selectFrom("auth_account")
          .select(["id", "providerId"])
          .where("userId", "=", userId)
          .execute();
        const gone = accounts.filter(({ providerId }) => providerId === provider);
        if (gone.length === 0 || (gone.length === accounts.length && !mayBeLast)) return false;
        await change
          .deleteFrom("auth_account")
          .where(
            "id",
            "in",
            gone.map(({ id }) => id),
          )
          .execute();
        return true;
      }),
  };
}
