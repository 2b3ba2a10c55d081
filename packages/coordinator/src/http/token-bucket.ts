/** So much at once, and so much per second after that. */
export interface Rate {
  burst: number;
  perSecond: number;
}

export interface TokenBuckets {
  /** Takes one from the key's bucket. 0 when there was one, else the seconds until there is. */
  take(key: string): number;
  /** The same question without taking. */
  wait(key: string): number;
  readonly size: number;
}

/**
 * One bucket for each key, of bounded memory: with too many keys, the one that was asked for the longest time ago is
 * forgotten, and begins full. So somebody with very many addresses can have a bucket filled early. They have very many
 * buckets anyway; what matters is that they cannot fill the memory, nor lock out anybody else.
 */
export function createTokenBuckets(
  rate: Rate,
  options: { maxKeys?: number; now?: () => number } = {},
): TokenBuckets {
  const { maxKeys = 10_000, now = () => performance.now() } = options;
  /** In the order of use, the oldest first. */
  const buckets = new Map<string, { level: number; atMs: number }>();

  const levelOf = (key: string, nowMs: number) => {
    const bucket = buckets.get(key);
    if (!bucket) return rate.burst;
    return Math.min(rate.burst, bucket.level + ((nowMs - bucket.atMs) / 1000) * rate.perSecond);
  };
  const secondsUntilOne = (level: number) => (level >= 1 ? 0 : (1 - level) / rate.perSecond);

  return {
    take(key) {
      const nowMs = now();
      const level = levelOf(key, nowMs);
      const wait = secondsUntilOne(level);
      buckets.delete(key);
      buckets.set(key, { level: wait === 0 ? level - 1 : level, atMs: nowMs });
      if (buckets.size > maxKeys) {
        const [oldest] = buckets.keys();
        if (oldest !== undefined) buckets.delete(oldest);
      }
      return wait;
    },
    wait: (key) => secondsUntilOne(levelOf(key, now())),
    get size() {
      return buckets.size;
    },
  };
}
