import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { UserStore } from "../domain/store.ts";
import { hashToken } from "./hash.ts";
import type { Schema } from "./schema.ts";

const OWNER = "u_owner";

export interface OwnerStore extends UserStore {
  /** Makes the one local owner, who may sign in by other ways as well, or gives the owner that is there this token. */
  setOwner(owner: { id: string; login: string; token: string }): Promise<void>;
}

export function createUserStore(database: Kysely<Schema>, clock: Clock): OwnerStore {
  return {
    async byToken(token) {
      const row = await database
        .selectFrom("users")
        .select(["id", "login"])
        .where("token_hash", "=", hashToken(token))
        .where("removed_at", "is", null)
        .executeTakeFirst();
      return row ?? null;
    },

    async setOwner({ id, login, token }) {
      const token_hash = hashToken(token);
      const created_at = clock.now().toISOString();
      await database
        .insertInto("users")
        .values({ id, login, token_hash, role: id === OWNER ? "owner" : "member", created_at })
        .onConflict((conflict) => conflict.column("login").doUpdateSet({ token_hash }))
        .execute();
      await database
        .insertInto("auth_user")
        .values({
          id,
          name: login,
          email: `${id}@users.invalid`,
          emailVerified: 1,
          createdAt: created_at,
          updatedAt: created_at,
          login: null,
        })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    },
  };
}
