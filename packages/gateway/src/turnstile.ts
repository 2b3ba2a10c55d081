/** A call's place among those under way; leave it once, when it has ended. */
export interface Place {
  leave(): void;
}

/** Lets a few calls of one task under way at once; a few more wait for a place. */
export class Turnstile {
  readonly #mostAtOnce: number;
  readonly #mostWaiting: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor({ mostAtOnce, mostWaiting }: { mostAtOnce: number; mostWaiting: number }) {
    this.#mostAtOnce = mostAtOnce;
    this.#free = mostAtOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Nobody has a place, or waits for one. */
  get isIdle(): boolean {
    return this.#free === this.#mostAtOnce;
  }

  /** Waits for a place. Null when too many wait already. Rejects with the signal's reason when it aborts. */
  async enter(signal: AbortSignal): Promise<Place | null> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return this.#place();
    }
    if (this.#waiting.length >= this.#mostWaiting) return null;
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
