/** What may be spent, and what follows when it is. Pure but for the port of the costs that were kept. */
import type {
  BudgetScope,
  Budgets,
  BudgetUse,
  CostGrouping,
  CostReport,
  MemberCap,
  SetBudget,
  Spending,
  SpendingLimit,
  TokenUsage,
} from "@farhand/protocol";
import type { TaskRecord } from "./store.ts";

export const NO_LIMIT: SpendingLimit = { maxUsd: null, maxTokens: null };
export const NO_BUDGETS: Budgets = { task: NO_LIMIT, day: NO_LIMIT, user: NO_LIMIT };

/** From this part of a limit on the user is warned. */
const WARNED_FROM = 0.8;

/** What model calls have cost. `database/` implements it. */
export interface CostStore {
  /** All that the user's tasks have spent: on one day (UTC), or ever. */
  spent(userId: string, day: string | null): Promise<Spending>;
  /** Of one user's tasks, or of everybody's. */
  report(query: {
    userId: string | null;
    by: CostGrouping;
    from: string | null;
    to: string | null;
  }): Promise<CostReport>;
}

/** What the owner lets each member spend. `database/` implements it. */
export interface MemberCapStore {
  /** Null where there is no cap. */
  get(userId: string): Promise<MemberCap | null>;
  set(userId: string, cap: MemberCap | null): Promise<void>;
}

/** What people may do about limits. `run/` does it; `http/` passes it on. */
export interface BudgetCommands {
  /** Changes the task's own limit. A task that waits goes on when nothing is used up any more. */
  setBudget(task: TaskRecord, change: SetBudget): Promise<TaskRecord>;
  /** After the user's own limits have changed: calls that are held look whether they may go on. */
  lookAgain(userId: string): void;
}

/** The price of a model call in US dollars; null where the model's price is not known. */
export type PriceOf = (model: string, use: MeteredUse) => number | null;

export interface MeteredUse extends TokenUsage {
  /** The part of `cacheCreationInputTokens` that is kept for an hour, which costs more. */
  longCacheTokens: number;
}

/** What one model call has used. */
export interface ModelCallUse {
  model: string;
  usage: MeteredUse;
  /** Its answer did not come to its end, so that a part of it is estimated. */
  isEstimated: boolean;
}

export const allTokens = (usage: TokenUsage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens;

/** Sums of binary fractions drift; a billionth of a dollar is finer than any price. */
export const roundUsd = (usd: number): number => Math.round(usd * 1e9) / 1e9;

export const plus = (a: Spending, b: Spending): Spending => ({
  usd: roundUsd(a.usd + b.usd),
  tokens: a.tokens + b.tokens,
});

export const isUnlimited = (limit: SpendingLimit): boolean =>
  limit.maxUsd === null && limit.maxTokens === null;

export const isUncapped = (cap: MemberCap): boolean => isUnlimited(cap.day) && isUnlimited(cap.user);

/** The same limit, however much of it is used up by now. */
export const isSameLimit = (a: BudgetUse, b: BudgetUse): boolean =>
  a.scope === b.scope && a.isCap === b.isCap;

/** Whether people know that this limit, as high as it is, is used up. */
export const isTold = (told: BudgetUse | null, use: BudgetUse): boolean =>
  told !== null &&
  isSameLimit(told, use) &&
  told.limit.maxUsd === use.limit.maxUsd &&
  told.limit.maxTokens === use.limit.maxTokens;

/** How much of the limit is used up: 1 is all of it. A limit of 0 is used up before anything is spent. */
export function partUsed({ limit, spent }: Pick<BudgetUse, "limit" | "spent">): number {
  const part = (used: number, most: number | null) => {
    if (most === null) return 0;
    return most === 0 ? 1 : used / most;
  };
  return Math.max(part(spent.usd, limit.maxUsd), part(spent.tokens, limit.maxTokens));
}

/** The first limit that is used up, the narrowest first. */
export function reached(uses: readonly BudgetUse[]): BudgetUse | null {
  return uses.find((use) => partUsed(use) >= 1) ?? null;
}

/** The limits of which one call brings four fifths, or all, to be used up; as they are after it. */
export function newlyNear(before: readonly BudgetUse[], call: Spending): BudgetUse[] {
  return before.flatMap((use) => {
    const after = { ...use, spent: plus(use.spent, call) };
    const crosses = partUsed(use) < WARNED_FROM && partUsed(after) >= WARNED_FROM;
    return crosses ? [after] : [];
  });
}

const OF_WHAT: Record<BudgetScope, string> = {
  task: "for this task",
  day: "for today (UTC)",
  user: "for all your tasks together",
};

/** `$1.20`; of less than a cent two digits that say something, such as `$0.000012`. */
export function formatUsd(usd: number): string {
  if (usd <= 0 || usd >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(Math.min(9, 1 - Math.floor(Math.log10(usd))))}`;
}

/** `$4.02 of $5.00, for this task`. */
export function describeUse({ scope, limit, spent, isCap }: BudgetUse): string {
  const parts = [
    ...(limit.maxUsd === null ? [] : [`${formatUsd(spent.usd)} of ${formatUsd(limit.maxUsd)}`]),
    ...(limit.maxTokens === null ? [] : [`${spent.tokens} of ${limit.maxTokens} tokens`]),
  ];
  const who = isCap ? ", which only the server's owner can raise" : "";
  return `${parts.join(" and ")}, ${OF_WHAT[scope]}${who}`;
}
