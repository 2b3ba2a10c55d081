import { timingSafeEqual } from "node:crypto";
import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { AttemptStore } from "../domain/store.ts";
import { hashToken } from "./hash.ts";
import type { Schema } from "./schema.ts";

export function createAttemptStore(database: Kysely<Schema>, clock: Clock): AttemptStore {
  return {
    async verify(taskId, token) {
      const hash = Buffer.from(hashToken(token));
      const attempts = await database
        .selectFrom("attempts")
        .innerJoin("tasks", "tasks.id", "attempts.task_id")
        .select(["attempts.attempt", "attempts.token_hash", "attempts.ended_at", "tasks.attempt as current"])
        .where("task_id", "=", taskId)
        .orderBy("attempts.attempt", "desc")
        .execute();
      const match = attempts.find((row) => timingSafeEqual(Buffer.from(row.token_hash), hash));
      if (!match) return null;
      return {
        attempt: match.attempt,
        isCurrent: match.attempt === match.current && match.ended_at === null,
      };
    },

    async end(taskId, attempt, exitCode) {
      const result = await database
        .updateTable("attempts")
        .set({ ended_at: clock.now().toISOString(), exit_code: exitCode })
        .where("task_id", "=", taskId)
        .where("attempt", "=", attempt)
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async open() {
      const rows = await database
        .selectFrom("attempts")
        .select(["task_id", "attempt"])
        .where("ended_at", "is", null)
        .execute();
      return rows.map((row) => ({ taskId: row.task_id, attempt: row.attempt }));
    },
  };
}
