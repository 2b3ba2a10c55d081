import { isTold } from "../domain/budget.ts";
import type { Clock } from "../domain/ports.ts";
import type { TaskRecord, TaskStore } from "../domain/store.ts";
import { leaseOf } from "./attempt-options.ts";
import type { Shortage } from "./capacity.ts";
import type { Supervisor } from "./supervisor.ts";

/** Takes tasks from the queue while there are places for workers. */
export interface Dispatcher extends AsyncDisposable {
  /** Looks at the queue now; called when a task came in or a place is free. */
  poke(): void;
}

/** Besides pokes the queue is looked at this often: what the machine lacked may be there again. */
const POLL_MS = 2000;

export function createDispatcher(options: {
  tasks: TaskStore;
  supervisor: Supervisor;
  capacity: (starting: number) => Promise<Shortage>;
  /** Why the task's next turn could only wait for a person, so that it gets no sandbox. */
  needsPerson: (task: TaskRecord) => Promise<Shortage>;
  maxWorkers: number;
  owner: string;
  clock: Clock;
  onError: (error: unknown) => void;
}): Dispatcher {
  const { tasks, supervisor } = options;
  let stopped = false;
  let filling: Promise<void> | null = null;
  let pokedWhileFilling = false;

  async function fill(): Promise<void> {
    const passed: string[] = [];
    while (!stopped) {
      const task = await tasks.nextQueued(passed);
      if (!task || stopped) return;
      const obstacle = await options.needsPerson(task);
      if (obstacle) {
        await delay(task, obstacle);
        passed.push(task.id);
        continue;
      }
      const resumed = await supervisor.resume(task.id);
      if (resumed) continue;
      // Its own sandbox is about to rest or to end, and that pokes.
      if (resumed === false || !(await hasPlace(task))) {
        passed.push(task.id);
        // The others can only be helped by sandboxes of their own.
        if (resumed === null && !supervisor.hasResting()) return;
        continue;
      }
      const claim = await tasks.claim(task.id, leaseOf(options));
      if (claim) supervisor.start(claim);
    }
  }

  /** Makes room by ending a resting sandbox where there is one; its end pokes. */
  async function hasPlace(task: TaskRecord): Promise<boolean> {
    if (supervisor.running().length >= options.maxWorkers) {
      if (!supervisor.evictOldest()) supervisor.suspendWaiting();
      return false;
    }
    const shortage = await options.capacity(supervisor.startingCount());
    if (!shortage) return true;
    supervisor.evictOldest();
    await delay(task, shortage);
    return false;
  }

  /** Tells it once, and not at each look. A limit is told as such, so that it can be raised where it is read. */
  async function delay(task: TaskRecord, { use, ...why }: NonNullable<Shortage>): Promise<void> {
    const reached = use && !isTold(task.budgetReached, use) ? use : null;
    if (reached === null && task.delayedBy?.code === why.code) return;
    await tasks.change(task.id, ({ task: now }) => {
      // Stopped or cancelled meanwhile: it waits for nothing.
      if (now.state !== "queued") return [];
      return [
        ...(reached ? [{ type: "budget.reached" as const, ...reached }] : []),
        { type: "task.delayed" as const, ...why },
      ];
    });
  }

  function poke(): void {
    if (stopped) return;
    if (filling) {
      pokedWhileFilling = true;
      return;
    }
    filling = fill()
      .catch(options.onError)
      .finally(() => {
        filling = null;
        if (!pokedWhileFilling) return;
        pokedWhileFilling = false;
        poke();
      });
  }

  let timer: ReturnType<typeof setInterval> | null = null;
  return {
    poke() {
      // The first poke comes when everything else is ready.
      timer ??= setInterval(poke, POLL_MS);
      poke();
    },
    /** Takes no more, and ends what is under way. */
    async [Symbol.asyncDispose]() {
      stopped = true;
      if (timer) clearInterval(timer);
      await filling;
      await supervisor.shutDown();
    },
  };
}
