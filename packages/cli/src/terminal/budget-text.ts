import type { BudgetScope } from "@farhand/protocol";

/** What a person can do about a task that waits for more money. */
export function howToGoOn(
  taskId: string,
  { scope, isCap }: { scope: BudgetScope; isCap?: true | undefined },
): string {
  const stop = `farhand stop ${taskId.slice(-6)}`;
  if (isCap) return `Only the server's owner can raise it. End the turn with ${stop}, or ask them.`;
  const raise =
    scope === "task"
      ? `farhand budget ${taskId.slice(-6)} --usd AMOUNT`
      : `farhand budget --${scope} --usd AMOUNT`;
  return `Raise it with ${raise}, or end the turn with ${stop}.`;
}
