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
      let query = database.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit);
      if (before !== null) query = query.where("id", "<", before);
      if (userId !== null) query = query.where("user_id", "=", userId);
      const rows = await query.execute();
      return rows.map(({ user_id, ...row }) => ({ ...row, userId: user_id }));
    },
  };
}

/** One line without control characters: entries are read in terminals. */
function clean(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length > TEXT_MAX_LENGTH ? `${line.slice(0, TEXT_MAX_LENGTH)}…` : line;
}
