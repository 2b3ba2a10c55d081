import { z } from "zod";

/** What may be spent. Null means no limit; both count where both are set. */
export const SpendingLimit = z.strictObject({
  /** In US dollars. Calls of models whose price is not known count in tokens alone. */
  maxUsd: z.number().min(0).max(1_000_000).nullable(),
  /** Of all four kinds together. */
  maxTokens: z.int().min(0).nullable(),
});
export type SpendingLimit = z.infer<typeof SpendingLimit>;

/** Of what a limit is: one task, all of a user's tasks in one day (UTC), or all that a user's tasks ever spend. */
export const BudgetScope = z.enum(["task", "day", "user"]);
export type BudgetScope = z.infer<typeof BudgetScope>;

export const Spending = z.strictObject({
  usd: z.number().min(0),
  tokens: z.int().min(0),
});
export type Spending = z.infer<typeof Spending>;

/** A limit and how far it is used up. */
export const BudgetUse = z.strictObject({
  scope: BudgetScope,
  limit: SpendingLimit,
  spent: Spending,
  /** The limit is the owner's cap on a member, so that nobody but the owner can raise it. */
  isCap: z.literal(true).optional(),
});
export type BudgetUse = z.infer<typeof BudgetUse>;

/** A user's own limits. `task` is the one that each new task begins with. */
export const Budgets = z.strictObject({ task: SpendingLimit, day: SpendingLimit, user: SpendingLimit });
export type Budgets = z.infer<typeof Budgets>;

/** What the owner lets one member spend in a day (UTC) and in all, beside the limits that the member sets. */
export const MemberCap = z.strictObject({ day: SpendingLimit, user: SpendingLimit });
export type MemberCap = z.infer<typeof MemberCap>;

/** `POST /api/tasks/{id}/budget`: the task's own limit, in whole and not on top. What is left out stays as it is. */
export const SetBudget = z
  .strictObject({
    maxUsd: SpendingLimit.shape.maxUsd.optional(),
    maxTokens: SpendingLimit.shape.maxTokens.optional(),
  })
  .refine(
    ({ maxUsd, maxTokens }) => maxUsd !== undefined || maxTokens !== undefined,
    "name maxUsd or maxTokens; null takes the limit away",
  );
export type SetBudget = z.infer<typeof SetBudget>;

export const CostGrouping = z.enum(["day", "model", "task", "member"]);
export type CostGrouping = z.infer<typeof CostGrouping>;

const counts = {
  modelCalls: z.int().min(0),
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
  cacheCreationInputTokens: z.int().min(0),
  cacheReadInputTokens: z.int().min(0),
  /** Of the calls whose price is known. */
  costUsd: z.number().min(0),
  /** Tokens of calls whose price is not known: they are in no `costUsd`. */
  unpricedTokens: z.int().min(0),
};

export const CostRow = z.strictObject({
  /** The day in UTC (`2026-03-04`), the model's id, the task's, or the member's login. */
  key: z.string(),
  ...counts,
});
export type CostRow = z.infer<typeof CostRow>;

/**
 * `GET /api/costs?by=day|model|task|member&from=&to=`: what your tasks have spent, and by member what everybody's have,
 * which is for the owner alone. Days in UTC, both ends included.
 */
export const CostReport = z.strictObject({
  by: CostGrouping,
  from: z.iso.date().nullable(),
  to: z.iso.date().nullable(),
  /** Days in their order; models, tasks and members by cost, the dearest first. At most 1000. */
  rows: z.array(CostRow),
  total: z.strictObject(counts),
});
export type CostReport = z.infer<typeof CostReport>;
