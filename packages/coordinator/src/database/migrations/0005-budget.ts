import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What model calls cost, and what may be spent. */
export const budget: Migration = {
  async up(database: Kysely<unknown>) {
    const run = async (text: string) => void (await sql.raw(text).execute(database));
    for (const column of [
      "cost_usd REAL NOT NULL DEFAULT 0",
      "unpriced_tokens INTEGER NOT NULL DEFAULT 0",
      "budget_usd REAL",
      "budget_tokens INTEGER",
      "budget_reached TEXT",
    ])
      await run(`ALTER TABLE tasks ADD COLUMN ${column}`);
    await database.schema
      .createTable("costs")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("day", "text", (column) => column.notNull())
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("calls", "integer", (column) => column.notNull())
      .addColumn("input_tokens", "integer", (column) => column.notNull())
      .addColumn("output_tokens", "integer", (column) => column.notNull())
      .addColumn("cache_creation_input_tokens", "integer", (column) => column.notNull())
      .addColumn("cache_read_input_tokens", "integer", (column) => column.notNull())
      .addColumn("cost_usd", "real", (column) => column.notNull())
      .addColumn("unpriced_tokens", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("costs_key", ["user_id", "day", "task_id", "model"])
      .execute();
    // Prices were not kept before, and today's need not have been those of then.
    await run(`UPDATE events SET body = json_set(body, '$.costUsd', json('null')) WHERE type = 'model.used'`);
    const used = (kind: string) => `SUM(json_extract(events.body, '$.usage.${kind}'))`;
    const kinds = ["inputTokens", "outputTokens", "cacheCreationInputTokens", "cacheReadInputTokens"];
    await run(`INSERT INTO costs
      SELECT tasks.user_id, substr(events.at, 1, 10), events.task_id, json_extract(events.body, '$.model'), COUNT(*),
        ${kinds.map(used).join(", ")}, 0, ${kinds.map(used).join(" + ")}
      FROM events JOIN tasks ON tasks.id = events.task_id WHERE events.type = 'model.used' GROUP BY 1, 2, 3, 4`);
    await run(`UPDATE tasks SET unpriced_tokens =
      input_tokens + output_tokens + cache_creation_input_tokens + cache_read_input_tokens`);
  },
};
