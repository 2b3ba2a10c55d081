import { EMPTY_VIEW, type OpenTaskState, Value } from "@farhand/client/app";
import type { Task } from "@farhand/protocol";

/** What a store gives of a task that is open and up to date, and that a test changes by hand. */
export function anOpenTask(taskId: string, task: Task | null) {
  const state = new Value<OpenTaskState>({
    taskId,
    task,
    view: EMPTY_VIEW,
    status: "live",
    caughtUp: null,
    problem: null,
  });
  return Object.assign(state, { taskId, dismissCaughtUp: () => undefined, release: () => undefined });
}
