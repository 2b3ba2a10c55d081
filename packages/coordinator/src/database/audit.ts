import type { Kysely } from "kysely";
import type { AuditLog } from "../domain/audit.ts";
import type { Clock } from "../domain/ports.ts";
import type { Schema } from "./schema.ts";

/** Texts come from outside in part, and no entry is to fill the disk. */
const TEXT_MAX_LENGTH = 500;

/** The audit log in its table, whose triggers refuse every change of an entry and every removal. */
export function createAuditLog(
  database: Kysely<Schema>,
  clock: Clock,
  onError: (error: unknown) => void,
): AuditLog {
  return {
    async record({ userId, action, subject, address, detail }) {
      try {
        await database
          .insertInto("audit")
          .values({
            at: clock.now().toISOString(),
            user_id: userId,
            action,
            subject: clean(subject),
            address,
            detail: clean(detail),
          })
          .execute();
      } catch (error) {
        onError(error);
      }
    },

    async list({ before, limit, userId }) {
      let query = database
        .selectFrom("audit")
        .leftJoin("users", "users.id", "audit.user_id")
        .selectAll("audit")
        .select("users.login")
        .orderBy("audit.id", "desc")
        .limit(limit);
      if (before !== null) query = query.where("audit.id", "<", before);
      if (userId !== null) query = query.where("audit.user_id", "=", userId);
      const rows = await query.execute();
      return rows.map(({ user_id, login, ...row }) => ({
        ...row,
        userId: user_id,
        // The id behind it only keeps the login free for others.
        login: login?.replace(/ \(removed .*\)$/, " (removed)") ?? null,
      }));
    },

    async lastAddress(userId, subject) {
      const row = await database
        .selectFrom("audit")
        .select("address")
        .where("user_id", "=", userId)
        .where("address", "is not", null)
        // A fork's entry names the task that it came from as well.
        .where((where) =>
          where.or([where("subject", "=", subject), where("subject", "like", `% → ${subject}`)]),
        )
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.address ?? null;
    },
  };
}

/** One line without control characters: entries are read in terminals. */
function clean(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length > TEXT_MAX_LENGTH ? `${line.slice(0, TEXT_MAX_LENGTH)}…` : line;
}
