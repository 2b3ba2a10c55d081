import { useCallback, useEffect, useState } from "react";
import { useConnection, useServer } from "./server.tsx";
import { troubleOf } from "./trouble.ts";
import type { Loaded } from "./use-loaded.ts";

export interface Kept<T> extends Loaded<T> {
  /** When the server said so, in epoch milliseconds, where that was an earlier time; null for what it says now. */
  keptAtMs: number | null;
}

interface Entry<T> {
  atMs: number;
  value: T;
}

/**
 * What the server said last time, at once, and then what it says now; asked again when the connection is back. `load` has to
 * be the same function as long as the key is the same.
 */
export function useKept<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Kept<T> {
  const { cache } = useServer();
  const isLive = useConnection().status === "live";
  const [answer, setAnswer] = useState<{ value: T; keptAtMs: number | null } | null>(null);
  const [trouble, setTrouble] = useState<Loaded<T>["trouble"]>(null);
  const [round, setRound] = useState(0);
  const set = useCallback(
    (value: T) => {
      setAnswer({ value, keptAtMs: null });
      void cache.put(key, { atMs: Date.now(), value } satisfies Entry<T>);
    },
    [cache, key],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round, and a connection that is back, ask anew
  useEffect(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    setTrouble(null);
    void cache.get(key).then((kept) => {
      const { value, atMs } = (kept ?? {}) as Partial<Entry<T>>;
      if (signal.aborted || value === undefined || atMs === undefined) return;
      setAnswer((before) => before ?? { value, keptAtMs: atMs });
    });
    load(signal).then(
      (value) => {
        if (!signal.aborted) set(value);
      },
      (error: unknown) => {
        if (!signal.aborted) setTrouble(troubleOf(error));
      },
    );
    return () => aborter.abort();
  }, [cache, key, load, set, round, isLive]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { value: answer?.value ?? null, keptAtMs: answer?.keptAtMs ?? null, trouble, reload, set };
}
