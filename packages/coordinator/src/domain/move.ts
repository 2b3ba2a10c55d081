import type { EventBody, Failure } from "@farhand/protocol";
import { failure } from "./failure.ts";
import type { TaskRecord } from "./store.ts";
import { nextState, type TaskTrigger } from "./task-state.ts";

type StateChanged = Extract<EventBody, { type: "state.changed" }>;

/** The event of an arrow, or null where the task's state has none of that kind. */
export function moved(
  task: TaskRecord,
  trigger: TaskTrigger,
  why: Failure | null = null,
): StateChanged | null {
  const to = nextState(task.state, trigger);
  return to && { type: "state.changed", from: task.state, to, failure: why };
}

/** @throws FarhandError `conflict`, with what is not possible and what to do instead */
export function demand(task: TaskRecord, trigger: TaskTrigger, what: string, action: string): StateChanged {
  const event = moved(task, trigger);
  if (!event) throw conflict(`The task is ${task.state}, so it cannot be ${what}.`, action);
  return event;
}

export const conflict = (message: string, action: string) => failure("conflict", message, action);

/** @throws FarhandError `removed` when the task's files are gone */
export function demandFiles(task: TaskRecord): void {
  if (task.removed)
    throw failure(
      "removed",
      "The task was archived long ago, and its repository and files have been removed.",
      "Read its log, and create a new task for further work.",
    );
}
