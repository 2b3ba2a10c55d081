import type { Clock } from "../domain/ports.ts";
import type { TaskStore } from "../domain/store.ts";
import { LEASE_MS, type Supervisor } from "./supervisor.ts";

/** Takes tasks from the queue while there are places for workers. */
export interface Dispatcher extends AsyncDisposable {
  /** Looks at the queue now; called when a task came in. */
  poke(): void;
}

/** Besides pokes the queue is looked at this often, for tasks that another process put there. */
const POLL_MS = 2000;

export function createDispatcher(options: {
  tasks: TaskStore;
  supervisor: Supervisor;
  maxWorkers: number;
  owner: string;
  clock: Clock;
  onError: (error: unknown) => void;
}): Dispatcher {
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let filling: Promise<void> | null = null;
  let pokedWhileFilling = false;

  async function fill(): Promise<void> {
    while (!stopped && underWay.size < options.maxWorkers) {
      const lease = { owner: options.owner, untilMs: options.clock.now().getTime() + LEASE_MS };
      const claim = await options.tasks.claimNext(lease);
      if (!claim) return;
      const attempt = options.supervisor
        .run(claim)
        .catch(options.onError)
        .finally(() => {
          underWay.delete(attempt);
          poke();
        });
      underWay.add(attempt);
    }
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
    /** Takes no more, tells the attempts under way to stop, and waits for them. */
    async [Symbol.asyncDispose]() {
      stopped = true;
      if (timer) clearInterval(timer);
      await filling;
      options.supervisor.stopAll("shutdown");
      await Promise.all(underWay);
    },
  };
}
