import type { ForgeAnswer, ForgeRepository, RepositoryList } from "@farhand/protocol";
import { useCallback, useEffect, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { useCached } from "../../data/use-cached.ts";

/** So long a pause in typing is one question. */
const PAUSE_MS = 300;
const ENOUGH_LETTERS = 2;

export interface FoundRepositories {
  repositories: readonly ForgeRepository[];
  forges: readonly ForgeAnswer[];
  /** From this device, and perhaps old. */
  isKept: boolean;
  isAsking: boolean;
  /** What one looks for may be among those that are not listed. */
  hasMore: boolean;
}

/**
 * What the forges list, from this device at once. A search looks through that list, and asks the forges where they have
 * more than they have listed.
 */
export function useRepositories(search: string): FoundRepositories {
  const { client } = useServer();
  const typed = useSettled(search.trim().toLowerCase());
  const loadAll = useCallback((signal: AbortSignal) => client.repositories("", signal), [client]);
  const loadFound = useCallback((signal: AbortSignal) => client.repositories(typed, signal), [client, typed]);
  const all = useCached<RepositoryList>("repositories", loadAll);
  const isLong = all.value?.forges.some(({ hasMore }) => hasMore) ?? false;
  const asks = isLong && typed.length >= ENOUGH_LETTERS;
  const more = useCached<RepositoryList>(asks ? `repositories/${typed}` : null, loadFound);
  const wanted = search.trim().toLowerCase();
  const byAddress = new Map<string, ForgeRepository>();
  for (const it of [...(all.value?.repositories ?? []), ...(asks ? (more.value?.repositories ?? []) : [])])
    if (it.name.toLowerCase().includes(wanted)) byAddress.set(it.address, it);
  return {
    repositories: [...byAddress.values()],
    forges: all.value?.forges ?? [],
    isKept: all.isKept && all.trouble !== null,
    isAsking: (all.isAsking && all.value === null) || (asks && more.isAsking),
    hasMore: isLong,
  };
}

/** The value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
