/** What one attempt may report when nothing else is said, in bytes: 256 MiB. Long conversations take a few. */
export const EVENTS_MAX_BYTES = 256 * 1024 ** 2;

/**
 * How much an attempt may still report. Each batch of events has a limit of its own, but they are kept for good: without
 * this one, whoever holds the attempt's token could fill the server's disk with them.
 */
export class EventAllowance {
  readonly maxBytes: number;
  #attempt = 0;
  #takenBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Counts a batch, also one that is then found to be a repeat. False when it is more than the attempt may still send. */
  take(attempt: number, sizeBytes: number): boolean {
    if (attempt !== this.#attempt) {
      this.#attempt = attempt;
      this.#takenBytes = 0;
    }
    this.#takenBytes += sizeBytes;
    return this.#takenBytes <= this.maxBytes;
  }
}
