import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import type { WebhookDeliveries } from "../domain/webhook.ts";
import type { Schema } from "./schema.ts";

/** What forges have delivered, kept for the time in which a delivery is taken at all. */
export function createWebhookDeliveries(
  database: Kysely<Schema>,
  clock: Clock,
  keepMs: number,
): WebhookDeliveries {
  return {
    async isFirst(ids) {
      const now = clock.now().getTime();
      const outdated = new Date(now - keepMs).toISOString();
      await database.deleteFrom("webhook_deliveries").where("at", "<", outdated).execute();
      return database.transaction().execute(async (transaction) => {
        const known = await transaction
          .selectFrom("webhook_deliveries")
          .select("id")
          .where("id", "in", ids)
          .executeTakeFirst();
        await transaction
          .insertInto("webhook_deliveries")
          .values(ids.map((id) => ({ id, at: new Date(now).toISOString() })))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return known === undefined;
      });
    },

    async tasksOf(pullRequestUrl) {
      const rows = await database
        .selectFrom("tasks")
        .select("id")
        .where("pull_request_url", "=", pullRequestUrl)
        .execute();
      return rows.map(({ id }) => id);
    },
  };
}
