import type { Assignment } from "@farhand/protocol";

/**
 * Where workers wait for their assignments. A sandbox starts while its repository is still being fetched, so the
 * worker usually asks first; and one whose turn has ended waits here for the next.
 */
export interface Assignments {
  open(taskId: string): void;
  give(taskId: string, assignment: Assignment): void;
  refuse(taskId: string, reason: Error): void;
  /** The turn is over: until the next assignment the worker may do nothing but wait for it. */
  rest(taskId: string): void;
  isResting(taskId: string): boolean;
  close(taskId: string): void;
  /**
   * An assignment of a turn after `after`. Rejects when there will be none, when nobody opened the task, or when
   * `signal` aborts.
   */
  wait(taskId: string, after: number, signal: AbortSignal): Promise<Assignment>;
}

interface Place {
  given: Assignment | null;
  refusal: Error | null;
  isResting: boolean;
  /** Resolved at every change. */
  change: PromiseWithResolvers<void>;
}

export function createAssignments(): Assignments {
  const places = new Map<string, Place>();

  function update(taskId: string, change: Partial<Place>): void {
    const place = places.get(taskId);
    if (!place) return;
    const { change: before } = place;
    Object.assign(place, change, { change: Promise.withResolvers<void>() });
    before.resolve();
  }

  return {
    open(taskId) {
      places.set(taskId, {
        given: null,
        refusal: null,
        isResting: false,
        change: Promise.withResolvers<void>(),
      });
    },
    give: (taskId, given) => update(taskId, { given, isResting: false }),
    refuse: (taskId, refusal) => update(taskId, { refusal }),
    rest: (taskId) => update(taskId, { isResting: true }),
    isResting: (taskId) => places.get(taskId)?.isResting ?? false,
    close(taskId) {
      update(taskId, { refusal: new Error(`the attempt of task ${taskId} has ended`) });
      places.delete(taskId);
    },
    async wait(taskId, after, signal) {
      const place = places.get(taskId);
      if (!place) throw new Error(`no attempt of task ${taskId} is under way`);
      const aborted = Promise.withResolvers<never>();
      aborted.promise.catch(() => undefined);
      const onAbort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        for (;;) {
          signal.throwIfAborted();
          if (place.refusal) throw place.refusal;
          if (place.given && place.given.turn > after) return place.given;
          await Promise.race([place.change.promise, aborted.promise]);
        }
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}
