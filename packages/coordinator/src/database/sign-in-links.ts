import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { Invite, InviteStore, LinkStore } from "../domain/sign-in.ts";
import type { Schema } from "./schema.ts";

export function createLinkStore(database: Kysely<Schema>, clock: Clock): LinkStore {
  const now = () => clock.now().toISOString();
  return {
    async add({ kind, userId, tokenHash, expiresAt }) {
      await database
        .insertInto("sign_in_links")
        .values({ token_hash: tokenHash, kind, user_id: userId, created_at: now(), expires_at: expiresAt })
        .execute();
    },

    async isGood(kind, tokenHash) {
      const row = await database
        .selectFrom("sign_in_links")
        .select("user_id")
        .where("token_hash", "=", tokenHash)
        .where("kind", "=", kind)
        .where("expires_at", ">", now())
        .executeTakeFirst();
      return row !== undefined;
    },

    async take(kind, tokenHash) {
      const row = await database
        .deleteFrom("sign_in_links")
        .where("token_hash", "=", tokenHash)
        .where("kind", "=", kind)
        .where("expires_at", ">", now())
        .returning("user_id")
        .executeTakeFirst();
      return row?.user_id ?? null;
    },

    async clear(kind, userId) {
      let query = database.deleteFrom("sign_in_links").where("kind", "=", kind);
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      await query.execute();
    },
  };
}

export function createInviteStore(database: Kysely<Schema>, clock: Clock): InviteStore {
  const now = () => clock.now().toISOString();
  const columns = ["id", "provider", "login", "created_at", "expires_at"] as const;
  return {
    add: ({ id, provider, login, tokenHash, madeBy, expiresAt }) =>
      database.transaction().execute(async (change) => {
        const lowered = login?.toLowerCase() ?? null;
        if (lowered !== null)
          await change
            .deleteFrom("invites")
            .where("provider", "=", provider)
            .where("login", "=", lowered)
            .execute();
        const row = await change
          .insertInto("invites")
          .values({
            id,
            provider,
            login: lowered,
            token_hash: tokenHash,
            made_by: madeBy,
            created_at: now(),
            expires_at: expiresAt,
          })
          .returning(columns)
          .executeTakeFirstOrThrow();
        return inviteOf(row);
      }),

    async list() {
      const rows = await database
        .selectFrom("invites")
        .select(columns)
        .where("expires_at", ">", now())
        .orderBy("created_at", "desc")
        .execute();
      return rows.map(inviteOf);
    },

    async remove(id) {
      const { numDeletedRows } = await database.deleteFrom("invites").where("id", "=", id).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async isGood(tokenHash) {
      const row = await database
        .selectFrom("invites")
        .select("id")
        .where("token_hash", "=", tokenHash)
        .where("expires_at", ">", now())
        .executeTakeFirst();
      return row !== undefined;
    },

    async take(by) {
      const good = database.deleteFrom("invites").where("expires_at", ">", now()).returning(columns);
      const row = await ("tokenHash" in by
        ? good.where("token_hash", "=", by.tokenHash)
        : good.where("provider", "=", by.provider).where("login", "=", by.login.toLowerCase())
      ).executeTakeFirst();
      return row ? inviteOf(row) : null;
    },
  };
}

function inviteOf(row: {
  id: string;
  provider: string | null;
  login: string | null;
  created_at: string;
  expires_at: string;
}): Invite {
  const { id, provider, login, created_at: createdAt, expires_at: expiresAt } = row;
  return { id, provider, login, createdAt, expiresAt };
}
