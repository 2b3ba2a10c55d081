import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { UserStore } from "../domain/store.ts";
import { hashToken } from "./hash.ts";
import type { Schema } from "./schema.ts";

export interface OwnerStore extends UserStore {
  /** Makes the one local owner, or gives the owner that is there this token. */
  setOwner(owner: { id: string; login: string; token: string }): Promise<void>;
}

export function createUserStore(database: Kysely<Schema>, clock: Clock): OwnerStore {
  return {
    async byToken(token) {
      const row = await database
        .selectFrom("users")
        .select(["id", "login"])
        .where("token_hash", "=", hashToken(token))
        .executeTakeFirst();
      return row ?? null;
    },

    async setOwner({ id, login, token }) {
      const token_hash = hashToken(token);
      await database
        .insertInto("users")
        .values({ id, login, token_hash, created_at: clock.now().toISOString() })
        .onConflict((conflict) => conflict.column("login").doUpdateSet({ token_hash }))
        .execute();
    },
  };
}
