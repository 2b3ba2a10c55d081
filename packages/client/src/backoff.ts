/** How long to wait before connecting again. */
export interface Backoff {
  /** Longest first wait in milliseconds; it doubles with each failure in a row. */
  firstDelayMs: number;
  maxDelayMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstDelayMs: 250, maxDelayMs: 10_000 };

/**
 * Exponential with jitter: between half and all of the doubled delay, so that clients which lost the same
 * coordinator at the same moment do not all return at the same moment.
 * @param failures connections in a row that brought nothing, 0 after the first.
 * @param random in [0, 1).
 */
export function backoffMs(failures: number, backoff: Backoff, random: number): number {
  const ceiling = Math.min(backoff.maxDelayMs, backoff.firstDelayMs * 2 ** failures);
  return ceiling / 2 + (ceiling / 2) * random;
}
