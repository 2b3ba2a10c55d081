import type { SandboxDriver } from "../domain/ports.ts";
import type { AttemptStore, TaskStore } from "../domain/store.ts";
import { interruptedFailure } from "./outcome.ts";
import type { Supervisor } from "./supervisor.ts";

const ROUND_MS = 15_000;

/**
 * Ends what an earlier coordinator left behind: its tasks get a state that is true, and sandboxes that no
 * attempt of this coordinator owns are removed, at the start and from time to time, since the engine may have
 * been away when one should have gone.
 */
export function createReaper(options: {
  tasks: TaskStore;
  attempts: AttemptStore;
  driver: SandboxDriver;
  supervisor: Supervisor;
  onError: (error: unknown) => void;
}) {
  async function removeUnknown(): Promise<void> {
    // The list comes first: an attempt that starts meanwhile is then known, though it is not on the list.
    const found = await options.driver.list();
    const known = new Set(options.supervisor.running().map(({ taskId, attempt }) => `${taskId} ${attempt}`));
    // One that cannot be removed must not keep the others.
    for (const ref of found)
      if (!known.has(`${ref.taskId} ${ref.attempt}`)) await options.driver.remove(ref).catch(options.onError);
  }

  let timer: ReturnType<typeof setInterval> | null = null;
  return {
    /** Call it before the dispatcher takes its first task. */
    async start(): Promise<void> {
      for (const task of await options.tasks.interrupted()) {
        await options.attempts.end(task.id, task.attempt, null);
        await options.tasks.move(task.id, "failed", interruptedFailure);
      }
      const round = () => removeUnknown().catch(options.onError);
      timer = setInterval(round, ROUND_MS);
      await round();
    },
    [Symbol.dispose]() {
      if (timer) clearInterval(timer);
    },
  };
}
