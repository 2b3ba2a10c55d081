import type { TaskState } from "@farhand/protocol";

/** What can happen to a task. Each trigger is one kind of arrow between states. */
export type TaskTrigger =
  | "claimed"
  /** Cancelled while it still waited in the queue, where there is nothing to stop. */
  | "withdrawn"
  | "worker_ready"
  | "asked"
  | "answered"
  | "turn_finished"
  | "failed"
  | "cancelled"
  | "archived";

const arrows: Record<TaskTrigger, Partial<Record<TaskState, TaskState>>> = {
  claimed: { queued: "starting" },
  withdrawn: { queued: "cancelled" },
  worker_ready: { starting: "running" },
  asked: { running: "waiting" },
  answered: { waiting: "running" },
  turn_finished: { running: "idle" },
  failed: { queued: "failed", starting: "failed", running: "failed", waiting: "failed" },
  cancelled: { starting: "cancelled", running: "cancelled", waiting: "cancelled" },
  archived: { idle: "archived", failed: "archived", cancelled: "archived" },
};

/** The state that follows, or null where the trigger means nothing in this state. */
export function nextState(state: TaskState, trigger: TaskTrigger): TaskState | null {
  return arrows[trigger][state] ?? null;
}

export const TASK_TRIGGERS = Object.keys(arrows) as TaskTrigger[];

/** A turn of the task is under way or waits for its place. */
export function isActive(state: TaskState): boolean {
  return state === "queued" || state === "starting" || state === "running" || state === "waiting";
}

/** A sandbox may exist for the task. */
export function hasSandbox(state: TaskState): boolean {
  return state === "starting" || state === "running" || state === "waiting";
}
