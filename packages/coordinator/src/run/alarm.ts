/** The longest that a timer of the runtime can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Rings when it has run for its time. No time passes while it is paused, as it is before it first runs. */
export class Alarm implements Disposable {
  readonly #ring: () => void;
  #leftMs: number;
  #ranFromMs = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ms: number, ring: () => void) {
    this.#leftMs = ms;
    this.#ring = ring;
  }

  run(): void {
    if (this.#timer !== null) return;
    this.#ranFromMs = performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#ring();
      },
      Math.max(0, Math.min(this.#leftMs, LONGEST_TIMER_MS)),
    );
  }

  pause(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#leftMs -= performance.now() - this.#ranFromMs;
  }

  /** Begins again with that much time; goes on running, or stays paused. */
  set(ms: number): void {
    const isRunning = this.#timer !== null;
    this.pause();
    this.#leftMs = ms;
    if (isRunning) this.run();
  }

  [Symbol.dispose](): void {
    this.pause();
  }
}
