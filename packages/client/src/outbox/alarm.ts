/** Calls once at the earliest of the times that it was asked for. */
export class Alarm {
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #atMs = 0;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  in(delayMs: number): void {
    const at = Date.now() + delayMs;
    // What was due earlier stays due.
    if (this.#timer && this.#atMs <= at) return;
    this.cancel();
    this.#atMs = at;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#ring();
      },
      Math.max(0, Math.min(delayMs, 2 ** 31 - 1)),
    );
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
