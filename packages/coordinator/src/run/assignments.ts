import type { Assignment } from "@farhand/protocol";

/**
 * Where workers wait for their assignment. A sandbox starts while its repository is still being fetched, so the
 * worker usually asks first.
 */
export interface Assignments {
  open(taskId: string): void;
  give(taskId: string, assignment: Assignment): void;
  refuse(taskId: string, reason: Error): void;
  close(taskId: string): void;
  /** Rejects when the repository will never be ready, when nobody opened the task, or when `signal` aborts. */
  wait(taskId: string, signal: AbortSignal): Promise<Assignment>;
}

export function createAssignments(): Assignments {
  const open = new Map<string, PromiseWithResolvers<Assignment>>();
  return {
    open(taskId) {
      const waiting = Promise.withResolvers<Assignment>();
      // Nobody may be waiting when it is refused; that is no error of its own.
      waiting.promise.catch(() => undefined);
      open.set(taskId, waiting);
    },
    give: (taskId, assignment) => open.get(taskId)?.resolve(assignment),
    refuse: (taskId, reason) => open.get(taskId)?.reject(reason),
    close: (taskId) => void open.delete(taskId),
    wait(taskId, signal) {
      const waiting = open.get(taskId);
      if (!waiting) return Promise.reject(new Error(`no attempt of task ${taskId} is under way`));
      const aborted = Promise.withResolvers<Assignment>();
      signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
      return Promise.race([waiting.promise, aborted.promise]);
    },
  };
}
