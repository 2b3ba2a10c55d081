import type { BudgetUse } from "@farhand/protocol";

/** What a person can do about a task that waits for more money. */
export function howToGoOn(taskId: string, use: BudgetUse): string {
  const { scope, isCap } = use;
  const task = taskId.slice(-6);
  const stop = `farhand stop ${task}`;
  if (isCap) return `Only the server's owner can raise it. End the turn with ${stop}, or ask them.`;
  const which = scope === "task" ? task : `--${scope}`;
  return `Raise it with farhand budget ${which} ${amountsOf(use)}, or end the turn with ${stop}.`;
}

/** Those that are used up: raising the other would not help. */
function amountsOf({ limit, spent }: BudgetUse): string {
  const isUsedUp = (used: number, most: number | null) => most !== null && used >= most;
  const amounts = [
    ...(isUsedUp(spent.usd, limit.maxUsd) ? ["--usd AMOUNT"] : []),
    ...(isUsedUp(spent.tokens, limit.maxTokens) ? ["--tokens NUMBER"] : []),
  ];
  return amounts.length === 0 ? "--usd AMOUNT" : amounts.join(" ");
}
