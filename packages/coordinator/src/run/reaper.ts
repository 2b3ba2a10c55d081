import type { SandboxDriver, SandboxRef } from "../domain/ports.ts";
import { endAttempt, type RecoveryOptions, recoverTask } from "./recovery.ts";

const ROUND_MS = 5000;
/** Rounds without an answer of the engine after which a task's sandbox counts as gone. */
const PATIENT_ROUNDS = 6;

/**
 * Brings together what the database, the engine and this coordinator each know: at the start, after which every task
 * has a state that is true, and from time to time, since the engine or the database may have been away when something
 * was to be done.
 */
export function createReaper(
  options: RecoveryOptions & {
    driver: SandboxDriver;
    /** Removes what is left of sockets whose tasks are not among those given. */
    sweepSockets: (taskIds: string[]) => Promise<void>;
    onError: (error: unknown) => void;
  },
) {
  const { tasks, attempts, supervisor, driver, onError } = options;
  /** Seen in the last round without anybody who watches over them: a claim may just have been under way. */
  let suspects = new Set<string>();
  let silentRounds = 0;

  const key = ({ taskId, attempt }: { taskId: string; attempt: number }) => `${taskId} ${attempt}`;
  const watched = () => new Set(supervisor.running().map(({ taskId }) => taskId));

  async function round(isFirst: boolean): Promise<void> {
    // The list comes first: an attempt that starts meanwhile is then known, though it is not on the list.
    const found = await driver.list().catch((error) => {
      onError(error);
      return null;
    });
    silentRounds = found ? 0 : silentRounds + 1;
    const unwatched = (await tasks.interrupted()).filter(({ id }) => !watched().has(id));
    const due = unwatched.filter(({ id }) => isFirst || suspects.has(id));
    suspects = new Set(unwatched.map(({ id }) => id));
    if (!found && silentRounds < PATIENT_ROUNDS) return;
    for (const task of due) {
      await recoverTask(options, task, found ?? []).catch(onError);
      suspects.delete(task.id);
    }
    await closeAttempts(suspects);
    if (found) await removeUnknown(found);
  }

  /** Attempts that rested when their coordinator died. */
  async function closeAttempts(waiting: Set<string>): Promise<void> {
    for (const open of await attempts.open()) {
      if (watched().has(open.taskId) || waiting.has(open.taskId)) continue;
      const task = await tasks.get(open.taskId);
      // One that is being claimed at this moment is the task's current attempt, and the task is at work.
      if (task && (task.state === "starting" || task.state === "running" || task.state === "waiting"))
        continue;
      await endAttempt(options, open.taskId, open.attempt).catch(onError);
    }
  }

  async function removeUnknown(found: SandboxRef[]): Promise<void> {
    const known = new Set(supervisor.running().map(key));
    // One that cannot be removed must not keep the others.
    for (const ref of found)
      if (!known.has(key(ref)) && !suspects.has(ref.taskId)) await driver.remove(ref).catch(onError);
  }

  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  const later = () => {
    if (stopped) return;
    timer = setTimeout(() => void round(false).catch(onError).finally(later), ROUND_MS);
  };
  return {
    /** Call it before the dispatcher takes its first task. */
    async start(): Promise<void> {
      await round(true).catch(onError);
      await options.sweepSockets([...watched(), ...suspects]);
      later();
    },
    [Symbol.dispose]() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}
