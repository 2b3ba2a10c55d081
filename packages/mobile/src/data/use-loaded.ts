import { useCallback, useEffect, useState } from "react";
import type { Trouble } from "../ui/error-state.tsx";
import { troubleOf } from "./trouble.ts";

export interface Loaded<T> {
  value: T | null;
  trouble: Trouble | null;
  reload: () => void;
  /** After a change, whose answer is what is there now. */
  set: (value: T) => void;
}

/** Asks the server once the screen opens, and again with `reload`. `load` has to be the same function each time. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a new question
  useEffect(() => {
    const aborter = new AbortController();
    setTrouble(null);
    load(aborter.signal).then(setValue, (error: unknown) => {
      if (!aborter.signal.aborted) setTrouble(troubleOf(error));
    });
    return () => aborter.abort();
  }, [load, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { value, trouble, reload, set: setValue };
}
