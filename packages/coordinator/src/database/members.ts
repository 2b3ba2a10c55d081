import { type Kysely, sql } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { Member, MemberStore } from "../domain/sign-in.ts";
import type { Schema } from "./schema.ts";

const OWNER = "u_owner";

export function createMemberStore(database: Kysely<Schema>, clock: Clock): MemberStore {
  const members = () =>
    database
      .selectFrom("users")
      .select(["id", "login", "name", "role", "created_at"])
      .where("removed_at", "is", null);

  return {
    async get(userId) {
      const row = await members().where("id", "=", userId).executeTakeFirst();
      return row ? memberOf(row) : null;
    },

    async list() {
      return (await members().orderBy("created_at").orderBy("id").execute()).map(memberOf);
    },

    async add({ id, login, name, role }) {
      const created_at = clock.now().toISOString();
      for (let number = 1; ; number++) {
        const free = number === 1 ? login : `${login}-${number}`;
        const { numInsertedOrUpdatedRows } = await database
          .insertInto("users")
          // No token has this hash, which is none: such a person signs in by other ways alone.
          .values({ id, login: free, token_hash: `none ${id}`, name, role, created_at })
          .onConflict((conflict) => conflict.column("login").doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 1n) return { id, login: free, name, role, createdAt: created_at };
      }
    },

    remove: (userId) =>
      database.transaction().execute(async (change) => {
        const known = await change
          .selectFrom("users")
          .leftJoin("auth_user", "auth_user.id", "users.id")
          .select(["users.login", "auth_user.login as providerLogin"])
          .where("users.id", "=", userId)
          .executeTakeFirst();
        if (!known) return false;
        const { numUpdatedRows } = await change
          .updateTable("users")
          .set({ removed_at: clock.now().toISOString(), login: sql`login || ' (removed ' || id || ')'` })
          .where("id", "=", userId)
          .where("id", "!=", OWNER)
          .where("removed_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await change.deleteFrom("grants").where("user_id", "=", userId).execute();
        await change.deleteFrom("sign_in_links").where("user_id", "=", userId).execute();
        // An invite of theirs that is still open would let them in again. At which provider they had the login is not
        // asked: somebody else's invite that goes with it can be made anew.
        const logins = [known.login, known.providerLogin].filter((login) => login !== null);
        await change
          .deleteFrom("invites")
          .where(
            "login",
            "in",
            logins.map((login) => login.toLowerCase()),
          )
          .execute();
        await change.deleteFrom("keys").where("user_id", "=", userId).execute();
        await change.deleteFrom("repository_secrets").where("user_id", "=", userId).execute();
        // The sessions, accounts and tokens go with it.
        await change.deleteFrom("auth_user").where("id", "=", userId).execute();
        return true;
      }),

    async claimedAt() {
      const row = await database
        .selectFrom("users")
        .select("claimed_at")
        .where("id", "=", OWNER)
        .executeTakeFirst();
      return row?.claimed_at ?? null;
    },

    async claim() {
      const { numUpdatedRows } = await database
        .updateTable("users")
        .set({ claimed_at: clock.now().toISOString() })
        .where("id", "=", OWNER)
        .where("claimed_at", "is", null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      // Whoever holds a link of the first start has come too late.
      await database.deleteFrom("sign_in_links").where("kind", "=", "setup").execute();
      return true;
    },
  };
}

function memberOf(row: {
  id: string;
  login: string;
  name: string;
  role: string;
  created_at: string;
}): Member {
  const { id, login, name, created_at: createdAt } = row;
  return { id, login, name, role: row.role === "owner" ? "owner" : "member", createdAt };
}
