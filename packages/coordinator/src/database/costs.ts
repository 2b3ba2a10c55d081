import type { CostReport, CostRow, TaskEvent } from "@farhand/protocol";
import { type Kysely, sql, type Transaction } from "kysely";
import { allTokens, type CostStore, roundUsd } from "../domain/budget.ts";
import type { Schema } from "./schema.ts";

const MOST_ROWS = 1000;

/** Keeps the table of costs in step with the log. */
export async function projectCosts(
  transaction: Transaction<Schema>,
  { taskId, body, at }: TaskEvent,
  userId: string,
): Promise<void> {
  if (body.type !== "model.used") return;
  const { usage, costUsd, model } = body;
  await transaction
    .insertInto("costs")
    .values({
      user_id: userId,
      day: at.slice(0, 10),
      task_id: taskId,
      model,
      calls: 1,
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_creation_input_tokens: usage.cacheCreationInputTokens,
      cache_read_input_tokens: usage.cacheReadInputTokens,
      cost_usd: costUsd ?? 0,
      unpriced_tokens: costUsd === null ? allTokens(usage) : 0,
    })
    .onConflict((conflict) =>
      conflict.columns(["user_id", "day", "task_id", "model"]).doUpdateSet((row) => ({
        calls: sql<number>`${row.ref("costs.calls")} + 1`,
        input_tokens: sql<number>`${row.ref("costs.input_tokens")} + excluded.input_tokens`,
        output_tokens: sql<number>`${row.ref("costs.output_tokens")} + excluded.output_tokens`,
        cache_creation_input_tokens: sql<number>`${row.ref("costs.cache_creation_input_tokens")} + excluded.cache_creation_input_tokens`,
        cache_read_input_tokens: sql<number>`${row.ref("costs.cache_read_input_tokens")} + excluded.cache_read_input_tokens`,
        cost_usd: sql<number>`${row.ref("costs.cost_usd")} + excluded.cost_usd`,
        unpriced_tokens: sql<number>`${row.ref("costs.unpriced_tokens")} + excluded.unpriced_tokens`,
      })),
    )
    .execute();
}

export function createCostStore(database: Kysely<Schema>): CostStore {
  return {
    async spent(userId, day) {
      let query = database.selectFrom("costs").where("user_id", "=", userId);
      if (day !== null) query = query.where("day", "=", day);
      const row = await query
        .select([
          sql<number>`coalesce(sum(cost_usd), 0)`.as("usd"),
          sql<number>`coalesce(sum(input_tokens + output_tokens + cache_creation_input_tokens + cache_read_input_tokens), 0)`.as(
            "tokens",
          ),
        ])
        .executeTakeFirstOrThrow();
      return { usd: roundUsd(row.usd), tokens: row.tokens };
    },

    async report({ userId, by, from, to }) {
      const key = ({ day: "day", model: "model", task: "task_id", member: "users.login" } as const)[by];
      let query = database.selectFrom("costs").innerJoin("users", "users.id", "costs.user_id");
      if (userId !== null) query = query.where("user_id", "=", userId);
      if (from !== null) query = query.where("day", ">=", from);
      if (to !== null) query = query.where("day", "<=", to);
      const sums = [
        sql<number>`coalesce(sum(calls), 0)`.as("calls"),
        sql<number>`coalesce(sum(input_tokens), 0)`.as("input"),
        sql<number>`coalesce(sum(output_tokens), 0)`.as("output"),
        sql<number>`coalesce(sum(cache_creation_input_tokens), 0)`.as("cacheCreation"),
        sql<number>`coalesce(sum(cache_read_input_tokens), 0)`.as("cacheRead"),
        sql<number>`coalesce(sum(cost_usd), 0)`.as("usd"),
        sql<number>`coalesce(sum(unpriced_tokens), 0)`.as("unpriced"),
      ] as const;
      const rows = await query
        .select([`${key} as key`, ...sums])
        .groupBy(key)
        .orderBy(by === "day" ? "day" : sql`usd desc, unpriced desc, key`)
        .limit(MOST_ROWS)
        .execute();
      const total = await query.select([...sums]).executeTakeFirstOrThrow();
      return {
        by,
        from,
        to,
        rows: rows.map((row) => ({ key: row.key, ...counts(row) })),
        total: counts(total),
      };
    },
  };
}

interface Sums {
  calls: number;
  input: number;
  output: number;
  cacheCreation: number;
  cacheRead: number;
  usd: number;
  unpriced: number;
}

function counts(sums: Sums): Omit<CostRow, "key"> & CostReport["total"] {
  return {
    modelCalls: sums.calls,
    inputTokens: sums.input,
    outputTokens: sums.output,
    cacheCreationInputTokens: sums.cacheCreation,
    cacheReadInputTokens: sums.cacheRead,
    costUsd: roundUsd(sums.usd),
    unpricedTokens: sums.unpriced,
  };
}
