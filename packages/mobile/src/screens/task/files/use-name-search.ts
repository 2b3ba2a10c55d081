import type { FileNode } from "@farhand/protocol";
import { useEffect, useState } from "react";
import { troubleOf } from "../../../data/trouble.ts";
import type { Trouble } from "../../../ui/error-state.tsx";
import { EMPTY_INDEX, indexNames, type NameIndex } from "./search-names.ts";

/** The names of all files, read once somebody searches, and kept while the screen is there. */
export function useNameSearch(
  read: (path: string, signal?: AbortSignal) => Promise<FileNode>,
  isWanted: boolean,
): { index: NameIndex; trouble: Trouble | null } {
  const [index, setIndex] = useState<NameIndex>(EMPTY_INDEX);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBegun, setBegun] = useState(false);
  if (isWanted && !isBegun) setBegun(true);
  useEffect(() => {
    if (!isBegun) return;
    const aborter = new AbortController();
    setTrouble(null);
    indexNames((path) => read(path, aborter.signal), setIndex, aborter.signal).catch((error: unknown) => {
      if (!aborter.signal.aborted) setTrouble(troubleOf(error));
    });
    return () => aborter.abort();
  }, [read, isBegun]);
  return { index, trouble };
}
