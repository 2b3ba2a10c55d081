/** How long to wait before a further try. */
export interface BackoffSettings {
  /** Wait before the first repeat, before jitter. */
  baseMs: number;
  /** Longest wait. */
  capMs: number;
}

/**
 * Exponential backoff with jitter: between half and the whole of `baseMs * 2^retries`, never above `capMs`.
 *
 * @param retries repeats made so far; 0 before the first.
 * @param random a number in [0, 1).
 */
export function backoffMs(retries: number, settings: BackoffSettings, random: () => number): number {
  const wholeMs = Math.min(settings.capMs, settings.baseMs * 2 ** retries);
  return Math.round(wholeMs / 2 + (random() * wholeMs) / 2);
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = (ms, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, ms);
  signal.addEventListener("abort", onAbort, { once: true });
  return promise;
};
