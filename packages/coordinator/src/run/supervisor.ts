import type { SandboxRef } from "../domain/ports.ts";
import type { Claim, TaskRecord } from "../domain/store.ts";
import type { TurnEnd } from "../domain/turn-end.ts";
import { Attempt, type AttemptStart } from "./attempt.ts";
import type { AttemptOptions } from "./attempt-options.ts";
import { conclude, toFailure } from "./conclude.ts";
import type { Report, StopReason } from "./outcome.ts";

/** The attempts of this coordinator: sandboxes that work and sandboxes that rest. */
export interface Supervisor {
  /** Starts a sandbox for a claimed task. */
  start(claim: Claim): void;
  /** Watches over a sandbox that an earlier coordinator has started. */
  adopt(task: TaskRecord, ref: SandboxRef, report: Report | null): void;
  /** Gives a queued task to its own resting sandbox. False when that cannot take it just now; null when there is none. */
  resume(taskId: string): Promise<boolean> | null;
  /** Ends the task's turn, if one is under way here. */
  stop(taskId: string, reason: StopReason): void;
  /** Ends the task's resting sandbox and waits until it is gone. Does nothing to one that works. */
  evict(taskId: string): Promise<void>;
  /** Ends the sandbox that has rested longest. False when none rests. */
  evictOldest(): boolean;
  hasResting(): boolean;
  /** Sandboxes that have not yet taken the memory that they will. */
  startingCount(): number;
  /** Ends the sandbox that has waited for a person, so that its turn goes back into the queue. False when none waits. */
  suspendWaiting(): boolean;
  /** Ends a turn that no sandbox is left of. */
  settle(taskId: string, end: TurnEnd): Promise<void>;
  running(): SandboxRef[];
  /** Ends all, so that the turns go on with the next coordinator, and waits until they are gone. */
  shutDown(): Promise<void>;
}

export function createSupervisor(options: AttemptOptions): Supervisor {
  const alive = new Map<string, { attempt: Attempt; ended: Promise<void> }>();

  function launch(start: AttemptStart): void {
    const { logger, close } = options.taskLog(start.task.id);
    const attempt = new Attempt(options, start, logger);
    logger.info({ attempt: start.attempt, turn: start.task.turn }, "attempt starts");
    const ended = attempt
      .run()
      .catch(async (error) => {
        logger.error({ err: error }, "the supervisor failed");
        const complain = (what: string) => (again: unknown) => logger.error({ err: again }, what);
        await options.attempts
          .end(start.task.id, start.attempt, null)
          .catch(complain("could not end the attempt"));
        await options.gateway.close(start.task.id).catch(complain("could not close the task's socket"));
        // Where that fails, the reaper finds it by its labels.
        await options.driver.remove(attempt.ref).catch(complain("could not remove the sandbox"));
        const failure = toFailure(options, start.task.userId, error, logger);
        await conclude(options, start.task.id, { kind: "failed", failure }, logger);
      })
      // The database itself is in trouble: the reaper finds the task without a sandbox, and takes it up.
      .catch((error) => logger.error({ err: error }, "could not end the task's turn"))
      .finally(() => {
        alive.delete(start.task.id);
        close();
        options.onQueued();
      });
    alive.set(start.task.id, { attempt, ended });
  }

  return {
    start: ({ task, attempt, token }) => launch({ task, attempt, sandbox: { token } }),
    adopt: (task, adopted, report) =>
      launch({ task, attempt: adopted.attempt, sandbox: { adopted, report } }),
    resume: (taskId) => alive.get(taskId)?.attempt.resume() ?? null,
    stop: (taskId, reason) => alive.get(taskId)?.attempt.stop(reason),

    async evict(taskId) {
      const found = alive.get(taskId);
      if (!found) return;
      found.attempt.evict();
      if (!found.attempt.isWorking) await found.ended;
    },

    evictOldest() {
      // The map keeps the order of their starts, which is near enough to that of their rest.
      const resting = [...alive.values()].find(({ attempt }) => attempt.isResting);
      resting?.attempt.evict();
      return resting !== undefined;
    },

    hasResting: () => [...alive.values()].some(({ attempt }) => attempt.isResting),

    startingCount: () => [...alive.values()].filter(({ attempt }) => attempt.isStarting).length,
    suspendWaiting() {
      const waiting = [...alive.values()].find(({ attempt }) => attempt.isWaiting);
      waiting?.attempt.stop("suspended");
      return waiting !== undefined;
    },

    async settle(taskId, end) {
      const { logger, close } = options.taskLog(taskId);
      try {
        await conclude(options, taskId, end, logger);
      } finally {
        close();
      }
    },

    running: () => [...alive.values()].map(({ attempt }) => attempt.ref),

    async shutDown() {
      for (const { attempt } of alive.values()) attempt.stop("shutdown");
      await Promise.all([...alive.values()].map(({ ended }) => ended));
    },
  };
}
