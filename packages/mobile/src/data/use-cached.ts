import { UnreachableError } from "@farhand/client/app";
import { useCallback, useEffect, useState } from "react";
import type { Trouble } from "../ui/error-state.tsx";
import { useConnection, useServer } from "./server.tsx";
import { troubleOf } from "./trouble.ts";

export interface Cached<T> {
  value: T | null;
  /** From this device, and perhaps old: the server has not answered. */
  isKept: boolean;
  isAsking: boolean;
  /** Why the server gave nothing newer. Also there beside an older value. */
  trouble: Trouble | null;
  isOffline: boolean;
  reload: () => void;
}

interface Answer<T> {
  key: string;
  value: T | null;
  isKept: boolean;
  error: unknown;
}

/**
 * What this device keeps under the key, at once, and then what the server says. `load` has to be the same function as long as
 * the key is the same. It asks again when the connection is back.
 * @param key null asks for nothing
 */
export function useCached<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Cached<T> {
  const { cache } = useServer();
  const { status } = useConnection();
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const [isAsking, setAsking] = useState(key !== null);
  const [round, setRound] = useState(0);
  const isLive = status === "live";
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round, and a connection that is back, ask anew
  useEffect(() => {
    if (key === null) return;
    const aborter = new AbortController();
    const { signal } = aborter;
    let isAnswered = false;
    const set = (next: Omit<Answer<T>, "key">) => {
      if (!signal.aborted) setAnswer({ key, ...next });
    };
    setAsking(true);
    void cache.get(key).then((kept) => {
      if (kept !== null && !isAnswered) set({ value: kept as T, isKept: true, error: null });
    });
    load(signal)
      .then(
        (value) => {
          isAnswered = true;
          set({ value, isKept: false, error: null });
          return cache.put(key, value);
        },
        async (error: unknown) => {
          const kept = error instanceof UnreachableError ? await cache.get(key) : null;
          set({ value: kept as T | null, isKept: kept !== null, error });
        },
      )
      .finally(() => {
        if (!signal.aborted) setAsking(false);
      });
    return () => aborter.abort();
  }, [cache, key, load, round, isLive]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const mine = answer !== null && answer.key === key ? answer : null;
  return {
    value: mine?.value ?? null,
    isKept: mine?.isKept ?? false,
    isAsking,
    trouble: mine?.error ? troubleOf(mine.error) : null,
    isOffline: mine?.error instanceof UnreachableError,
    reload,
  };
}
