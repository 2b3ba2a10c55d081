import { UnreachableError } from "@farhand/client/app";
import type { FileSearch } from "@farhand/protocol";
import { useCallback, useEffect, useState } from "react";
import { useConnection, useServer } from "../../../data/server.tsx";
import { troubleOf } from "../../../data/trouble.ts";
import type { Trouble } from "../../../ui/error-state.tsx";

/** What is shorter stands everywhere. */
const LEAST_CHARACTERS = 2;
/** As the API takes it. */
export const MOST_CHARACTERS = 200;
/** How long somebody has to stop typing. */
const REST_MS = 250;

export interface ContentSearch {
  /** The text is long enough to be looked for. */
  isWanted: boolean;
  isAsking: boolean;
  /** What was found last; of an earlier text while it is asked for the present one. */
  found: FileSearch | null;
  trouble: Trouble | null;
  isOffline: boolean;
  retry: () => void;
}

/** Asks the server for the text in files once it rests; who types on ends the question before. */
export function useContentSearch(taskId: string, checkpoint: string | null, given: string): ContentSearch {
  const { client } = useServer();
  const isLive = useConnection().status === "live";
  const [answer, setAnswer] = useState<{ text: string; found: FileSearch | null; error: unknown } | null>(
    null,
  );
  const [asking, setAsking] = useState(false);
  const [round, setRound] = useState(0);
  const text = given.replaceAll(/[\n\r\0]+/g, " ").trim();
  const isWanted = text.length >= LEAST_CHARACTERS;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other files, a connection that is back and a new round ask anew
  useEffect(() => {
    if (!isWanted) {
      setAnswer(null);
      setAsking(false);
      return;
    }
    const aborter = new AbortController();
    const { signal } = aborter;
    setAsking(true);
    const settle = (found: FileSearch | null, error: unknown) => {
      if (signal.aborted) return;
      setAnswer({ text, found, error });
      setAsking(false);
    };
    const timer = setTimeout(() => {
      client.searchFiles(taskId, { q: text }, signal).then(
        (found) => settle(found, null),
        (error: unknown) => settle(null, error),
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [client, taskId, checkpoint, text, isWanted, isLive, round]);
  const error = answer?.error ?? null;
  return {
    isWanted,
    // The effect of a new text comes after its first drawing.
    isAsking: isWanted && (asking || answer?.text !== text),
    found: isWanted ? (answer?.found ?? null) : null,
    trouble: error === null ? null : troubleOf(error),
    isOffline: error instanceof UnreachableError,
    retry: useCallback(() => setRound((before) => before + 1), []),
  };
}
