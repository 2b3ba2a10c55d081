/** The limit that a turn waits for, and what raising it changes. */
import type { BudgetUse, SpendingLimit, TaskEvent } from "@farhand/protocol";
import { addRow, changeRow, nextPlace, rowBase, withHeader, withOpen } from "./edit.ts";
import type { TaskView } from "./task-view.ts";

/** One card is open: where another limit holds the turn, the one before has nothing to ask any more. */
export function reachBudget(view: TaskView, event: TaskEvent, use: BudgetUse): TaskView {
  const before = closeBudget(view);
  const told = addRow(before, { ...rowBase(before, event), kind: "budget", use, status: "open" });
  return withHeader(withOpen(told, { budget: nextPlace(before) }), { budgetReached: use });
}

/** The task's own limit. When it is what the turn has waited for, and is high enough now, nothing is asked any more. */
export function changeBudget(view: TaskView, budget: SpendingLimit): TaskView {
  const changed = withHeader(view, { budget });
  const { budgetReached = null, delayedBy = null } = view.header ?? {};
  if (budgetReached?.scope !== "task" || isUsedUp(budget, budgetReached)) return changed;
  return withHeader(closeBudget(changed), {
    budgetReached: null,
    delayedBy: delayedBy?.code === "budget_reached" ? null : delayedBy,
  });
}

export function closeBudget(view: TaskView): TaskView {
  if (view.open.budget === null) return view;
  const closed = changeRow(view, view.open.budget, "budget", (row) => ({ ...row, status: "past" }));
  return withOpen(closed, { budget: null });
}

const isUsedUp = ({ maxUsd, maxTokens }: SpendingLimit, { spent }: BudgetUse): boolean =>
  (maxUsd !== null && spent.usd >= maxUsd) || (maxTokens !== null && spent.tokens >= maxTokens);
