import { nodeKey, UnreachableError } from "@farhand/client/app";
import type { FileNode, TreeEntry } from "@farhand/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { troubleOf } from "../../../data/trouble.ts";
import type { Trouble } from "../../../ui/error-state.tsx";

/** One folder or file, from the server or, without a connection, from this device. */
export function useReadNode(taskId: string, checkpoint: string | null) {
  const { client, cache } = useServer();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new checkpoint is another tree under the same names
  return useCallback(
    async (path: string, signal?: AbortSignal): Promise<FileNode> => {
      const key = nodeKey(taskId, path);
      try {
        const node = await client.files(taskId, { path }, signal);
        void cache.put(key, node);
        return node;
      } catch (error) {
        const kept = error instanceof UnreachableError ? await cache.get(key) : null;
        if (kept === null) throw error;
        return kept as FileNode;
      }
    },
    [client, cache, taskId, checkpoint],
  );
}

export interface Tree {
  folders: ReadonlyMap<string, readonly TreeEntry[]>;
  open: ReadonlySet<string>;
  truncated: boolean;
  trouble: Trouble | null;
  isOffline: boolean;
  toggle: (path: string) => void;
  /** Opens the folders that lead to a path. */
  reveal: (folders: readonly string[]) => void;
  reload: () => void;
}

/** Folders are asked for when they are opened. */
export function useTree(read: (path: string, signal?: AbortSignal) => Promise<FileNode>): Tree {
  const [folders, setFolders] = useState<ReadonlyMap<string, readonly TreeEntry[]>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [truncated, setTruncated] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const isOpen = useRef(open);
  isOpen.current = open;

  const load = useCallback(
    async (path: string, signal?: AbortSignal) => {
      try {
        const node = await read(path, signal);
        if (signal?.aborted || node.kind !== "folder") return;
        if (node.truncated) setTruncated(true);
        setFolders((before) => new Map(before).set(path, node.entries));
        if (path === "") setError(null);
      } catch (problem) {
        if (signal?.aborted) return;
        if (path === "") setError(problem);
        // A folder that could not be read closes again, so that a press asks anew.
        else setOpen((before) => new Set([...before].filter((it) => it !== path)));
      }
    },
    [read],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks anew
  useEffect(() => {
    const aborter = new AbortController();
    for (const path of ["", ...isOpen.current]) void load(path, aborter.signal);
    return () => aborter.abort();
  }, [load, round]);

  const reveal = useCallback(
    (paths: readonly string[]) => {
      const missing = paths.filter((path) => !isOpen.current.has(path));
      if (missing.length === 0) return;
      setOpen((before) => new Set([...before, ...missing]));
      for (const path of missing) void load(path);
    },
    [load],
  );
  const toggle = useCallback(
    (path: string) => {
      if (isOpen.current.has(path)) setOpen((before) => new Set([...before].filter((it) => it !== path)));
      else reveal([path]);
    },
    [reveal],
  );
  return {
    folders,
    open,
    truncated,
    trouble: error === null ? null : troubleOf(error),
    isOffline: error instanceof UnreachableError,
    toggle,
    reveal,
    reload: useCallback(() => setRound((before) => before + 1), []),
  };
}
