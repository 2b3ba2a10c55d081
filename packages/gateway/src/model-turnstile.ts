/** A call's place among those under way; leave it once, when the answer has ended. */
export interface Place {
  leave(): void;
}

const MOST_AT_ONCE = 4;
const MOST_WAITING = 16;

/**
 * Lets a few model calls of one task under way at once. Calls are paid for when they have ended, so this bounds how far
 * a task can get beyond its budget, and how much of their bodies is held while it waits for more.
 */
export class ModelTurnstile {
  #free = MOST_AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  /** Nobody has a place, or waits for one. */
  get isIdle(): boolean {
    return this.#free === MOST_AT_ONCE;
  }

  /** Waits for a place. Null when too many wait already. Rejects with the signal's reason when it aborts. */
  async enter(signal: AbortSignal): Promise<Place | null> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return this.#place();
    }
    if (this.#waiting.length >= MOST_WAITING) return null;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const onAbort = () => {
      const index = this.#waiting.indexOf(resolve);
      // Not among those who wait: its turn has come at this moment.
      if (index === -1) return;
      this.#waiting.splice(index, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    return this.#place();
  }

  #place(): Place {
    let isHeld = true;
    return {
      leave: () => {
        if (!isHeld) return;
        isHeld = false;
        const next = this.#waiting.shift();
        if (next) next();
        else this.#free++;
      },
    };
  }
}
