import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { SessionStore, SignedIn } from "../domain/sign-in.ts";
import type { Schema } from "./schema.ts";

/** Browsers' sessions, which better-auth keeps, and the grants of apps and command lines, which are ours. */
export function createSessionStore(database: Kysely<Schema>, clock: Clock): SessionStore {
  const now = () => clock.now().toISOString();
  const sessions = () =>
    database
      .selectFrom("auth_session")
      .select(["id", "userId", "userAgent", "ipAddress", "createdAt", "expiresAt"])
      .where("expiresAt", ">", now());
  const grants = () => database.selectFrom("grants").selectAll().where("expires_at", ">", now());

  /**
   * Whether the token that came of this one was itself exchanged: then its client had that answer, and who repeats this
   * one is somebody else. Times are whole seconds, so what was exchanged in the same one counts as later.
   */
  async function isSuccessorUsed(token: {
    id: string;
    referenceId: string | null;
    revoked: string | null;
  }): Promise<boolean> {
    const later = await database
      .selectFrom("auth_oauth_refresh_token")
      .select("id")
      .where("referenceId", "=", token.referenceId)
      .where("id", "!=", token.id)
      .where("revoked", ">=", token.revoked)
      .executeTakeFirst();
    return later !== undefined;
  }

  return {
    async list(userId) {
      const found = [
        ...(await sessions().where("userId", "=", userId).execute()).map(browserOf),
        ...(await grants().where("user_id", "=", userId).execute()).map(grantOf),
      ];
      return found.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));
    },

    async get(id) {
      const session = await sessions().where("id", "=", id).executeTakeFirst();
      if (session) return browserOf(session);
      const grant = await grants().where("id", "=", id).executeTakeFirst();
      return grant ? grantOf(grant) : null;
    },

    revoke: (userId, id) =>
      database.transaction().execute(async (change) => {
        const session = await change
          .deleteFrom("auth_session")
          .where("id", "=", id)
          .where("userId", "=", userId)
          .executeTakeFirst();
        const grant = await change
          .deleteFrom("grants")
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .executeTakeFirst();
        if (grant.numDeletedRows > 0n)
          await change.deleteFrom("auth_oauth_refresh_token").where("referenceId", "=", id).execute();
        return session.numDeletedRows + grant.numDeletedRows > 0n;
      }),

    addGrant: ({ id, userId, clientId, label, address, createdAt, expiresAt }, refreshTokenHash) =>
      database.transaction().execute(async (change) => {
        await change
          .insertInto("grants")
          .values({
            id,
            user_id: userId,
            client_id: clientId,
            label,
            address,
            created_at: createdAt,
            used_at: createdAt,
            expires_at: expiresAt,
          })
          .execute();
        await change
          .updateTable("auth_oauth_refresh_token")
          .set({ referenceId: id })
          .where("token", "=", refreshTokenHash)
          .execute();
      }),

    async grantOf(refreshTokenHash) {
      const row = await database
        .selectFrom("auth_oauth_refresh_token")
        .select(["id", "referenceId", "userId", "revoked", "rotationReplayExpiresAt"])
        .where("token", "=", refreshTokenHash)
        .executeTakeFirst();
      if (!row) return null;
      const mayRepeat =
        row.rotationReplayExpiresAt !== null &&
        row.rotationReplayExpiresAt >= now() &&
        !(await isSuccessorUsed(row));
      return {
        grantId: row.referenceId,
        userId: row.userId,
        isUsedUp: row.revoked !== null && !mayRepeat,
      };
    },

    async grantUsed(id) {
      await database.updateTable("grants").set({ used_at: now() }).where("id", "=", id).execute();
    },

    async sweep() {
      const time = now();
      for (const table of [
        "auth_session",
        "auth_oauth_refresh_token",
        "auth_device_code",
        "auth_verification",
      ] as const)
        await database.deleteFrom(table).where("expiresAt", "<=", time).execute();
      for (const table of ["grants", "sign_in_links", "invites"] as const)
        await database.deleteFrom(table).where("expires_at", "<=", time).execute();
      // One whose last token is gone can never come back for another.
      await database
        .deleteFrom("grants")
        .where("id", "not in", (tokens) =>
          tokens
            .selectFrom("auth_oauth_refresh_token")
            .select("referenceId")
            .$narrowType<{ referenceId: string }>()
            .where("referenceId", "is not", null),
        )
        .execute();
    },
  };
}

type SessionRow = Pick<
  Schema["auth_session"],
  "id" | "userId" | "userAgent" | "ipAddress" | "createdAt" | "expiresAt"
>;

function browserOf(row: SessionRow): SignedIn {
  return {
    id: row.id,
    userId: row.userId,
    kind: "browser",
    label: row.userAgent ?? "",
    address: row.ipAddress || null,
    createdAt: row.createdAt,
    usedAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

function grantOf(row: Schema["grants"]): SignedIn {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.client_id === "farhand-cli" ? "cli" : "app",
    label: row.label,
    address: row.address,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
  };
}
