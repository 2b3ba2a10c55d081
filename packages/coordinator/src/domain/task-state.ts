import type { TaskState } from "@farhand/protocol";

/** What can happen to a task. Each trigger is one kind of arrow between states. */
export type TaskTrigger =
  | "claimed"
  /** A sandbox that rested after an earlier turn takes the task up again. */
  | "resumed"
  /** Cancelled while it still waited in the queue, where there is nothing to stop. */
  | "withdrawn"
  | "worker_ready"
  | "asked"
  | "answered"
  | "turn_finished"
  /** A person stopped the turn; the task itself goes on. */
  | "stopped"
  /** The sandbox is gone before the turn ended: another one takes its place. */
  | "lost"
  | "failed"
  | "cancelled"
  /** The next turn, or the last one again. */
  | "continued"
  | "archived";

const arrows: Record<TaskTrigger, Partial<Record<TaskState, TaskState>>> = {
  claimed: { queued: "starting" },
  resumed: { queued: "running" },
  withdrawn: { queued: "cancelled" },
  worker_ready: { starting: "running" },
  asked: { running: "waiting" },
  answered: { waiting: "running" },
  // A turn whose work was done before may end before its new worker is ready.
  turn_finished: { starting: "idle", running: "idle", waiting: "idle" },
  stopped: { queued: "idle", starting: "idle", running: "idle", waiting: "idle" },
  lost: { starting: "queued", running: "queued", waiting: "queued" },
  failed: { queued: "failed", starting: "failed", running: "failed", waiting: "failed" },
  cancelled: { starting: "cancelled", running: "cancelled", waiting: "cancelled" },
  continued: { idle: "queued", failed: "queued", cancelled: "queued" },
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

/** A sandbox works for the task. */
export function hasSandbox(state: TaskState): boolean {
  return state === "starting" || state === "running" || state === "waiting";
}
