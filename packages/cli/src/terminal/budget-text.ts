import type { BudgetScope } from "@farhand/protocol";

/** What a person can do about a task that waits for more money. */
export function howToGoOn(taskId: string, { scope }: { scope: BudgetScope }): string {
  const raise =
    scope === "task"
      ? `farhand budget ${taskId.slice(-6)} --usd AMOUNT`
      : `farhand budget --${scope} --usd AMOUNT`;
  return `Raise it with ${raise}, or end the turn with farhand stop ${taskId.slice(-6)}.`;
}
