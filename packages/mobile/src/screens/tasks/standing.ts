import { asksWithoutSandbox, needsPerson, type OutboxEntry } from "@farhand/client/app";
import type { Task } from "@farhand/protocol";
import { strings } from "../../strings/strings.ts";
import type { Tone } from "../../ui/pill.tsx";

export type Group = "needsYou" | "working" | "done" | "archived";
export type Filter = "all" | Group;

/** Where a task belongs: what waits for a person comes first. */
export function groupOf(task: Task): Group {
  if (needsPerson(task)) return "needsYou";
  switch (task.state) {
    case "queued":
    case "starting":
    case "running":
      return "working";
    case "archived":
      return "archived";
    default:
      return "done";
  }
}

export const needsApproval = (task: Task): boolean =>
  task.state === "failed" && task.failure?.code === "approval_needed";

export function stateOf(task: Task): { text: string; tone: Tone } {
  const { state } = strings;
  if (needsApproval(task)) return { text: state.approval, tone: "warn" };
  if (task.state === "waiting" || asksWithoutSandbox(task)) {
    const isBudget = task.budgetReached !== null || task.delayedBy?.code === "budget_reached";
    return { text: isBudget && task.question === null ? state.budget : state.waiting, tone: "warn" };
  }
  switch (task.state) {
    case "failed":
      return { text: state.failed, tone: "danger" };
    case "running":
    case "starting":
      return { text: state[task.state], tone: "accent" };
    case "queued":
      return task.delayedBy ? { text: state.delayed, tone: "warn" } : { text: state.queued, tone: "neutral" };
    case "idle":
      return { text: state.idle, tone: "ok" };
    default:
      return { text: state[task.state] ?? task.state, tone: "neutral" };
  }
}

export type TaskAction = "approve" | "stop" | "retry" | "archive" | "cancel";

/** What can be done with the task now, the likeliest first. */
export function actionsOf(task: Task): TaskAction[] {
  if (needsApproval(task)) return ["approve", "archive"];
  switch (task.state) {
    case "running":
    case "starting":
    case "waiting":
      return ["stop", "cancel"];
    case "queued":
      return asksWithoutSandbox(task) ? ["stop", "cancel"] : ["cancel"];
    case "failed":
      return ["retry", "archive"];
    case "idle":
    case "cancelled":
      return ["archive"];
    default:
      return [];
  }
}

/** The title that the agent gave, or the prompt's first line until then. */
export function titleOf(task: Pick<Task, "title" | "prompt">): string {
  return task.title?.trim() || task.prompt.trim().split("\n")[0]?.trim() || strings.tasks.newTask;
}

/** Tasks that somebody has put away, where the server does not have it yet: they are out of sight at once. */
export const leaving = (entries: readonly OutboxEntry[]): ReadonlySet<string> =>
  new Set(
    entries.flatMap(({ command, status }) =>
      command.type === "archive" && status !== "refused" && status !== "needs_confirmation"
        ? [command.taskId]
        : [],
    ),
  );

/** What is on its way for each task, by its id. What makes a new task stands under `null`. */
export function pendingByTask(entries: readonly OutboxEntry[]): Map<string | null, OutboxEntry[]> {
  const found = new Map<string | null, OutboxEntry[]>();
  for (const entry of entries) {
    const taskId = "taskId" in entry.command ? entry.command.taskId : null;
    found.set(taskId, [...(found.get(taskId) ?? []), entry]);
  }
  return found;
}
