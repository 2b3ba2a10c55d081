import type { BudgetUse, SetBudget } from "@farhand/protocol";
import { dollars, tokens } from "../../../../format/amounts.ts";
import { strings } from "../../../../strings/strings.ts";

export interface Raise {
  title: string;
  budget: SetBudget;
}

const { chat: words } = strings;

/** Which of the two limits is nearer to its end. */
export function tightest({ limit, spent }: BudgetUse): "usd" | "tokens" {
  const share = (used: number, most: number | null) =>
    most === null ? -1 : used / Math.max(most, Number.EPSILON);
  return share(spent.usd, limit.maxUsd) >= share(spent.tokens, limit.maxTokens) ? "usd" : "tokens";
}

/** "$4.10 of $5.00" in what counts. */
export function spentWords(use: BudgetUse): string {
  const of = words.budgetOf[use.scope];
  return tightest(use) === "usd"
    ? words.budgetSpent(dollars(use.spent.usd), dollars(use.limit.maxUsd ?? 0), of)
    : words.budgetSpent(tokens(use.spent.tokens), words.tokensAmount(tokens(use.limit.maxTokens ?? 0)), of);
}

/** Two new limits to choose from: half as much more, and twice as much. Always above what is spent. */
export function proposals(use: BudgetUse): Raise[] {
  const { limit, spent } = use;
  if (tightest(use) === "usd") {
    const from = Math.max(limit.maxUsd ?? 0, spent.usd);
    return distinct([roundUp(from * 1.5, 0.5), roundUp(from * 2, 1)]).map((maxUsd) => ({
      title: words.raiseTo(dollars(maxUsd)),
      budget: { maxUsd },
    }));
  }
  const from = Math.max(limit.maxTokens ?? 0, spent.tokens);
  return distinct([roundUp(from * 1.5, 10_000), roundUp(from * 2, 50_000)]).map((maxTokens) => ({
    title: words.raiseTo(words.tokensAmount(tokens(maxTokens))),
    budget: { maxTokens },
  }));
}

const roundUp = (value: number, step: number): number => Math.max(step, Math.ceil(value / step) * step);
const distinct = (values: readonly number[]): number[] => [...new Set(values)];

/** What was typed as a new limit; null where it is no number above what is spent. */
export function typedLimit(use: BudgetUse, text: string): SetBudget | null {
  const value = Number(text.replace(",", ".").trim());
  if (text.trim() === "" || !Number.isFinite(value)) return null;
  if (tightest(use) === "usd") return value > use.spent.usd ? { maxUsd: value } : null;
  return value > use.spent.tokens ? { maxTokens: Math.round(value) } : null;
}
