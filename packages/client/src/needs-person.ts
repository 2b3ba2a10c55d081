import type { Task } from "@farhand/protocol";

/** Nothing but a person lets the task go on. */
export const needsPerson = (task: Task): boolean =>
  task.state === "waiting" || task.state === "failed" || asksWithoutSandbox(task);

/** Another task has the place of its sandbox, or it never got one: it is queued, and waits for a person all the same. */
export const asksWithoutSandbox = (task: Task): boolean =>
  task.state === "queued" && (task.question !== null || isHeldByBudget(task));

const isHeldByBudget = ({ budgetReached, delayedBy }: Task): boolean =>
  budgetReached !== null || delayedBy?.code === "budget_reached";
