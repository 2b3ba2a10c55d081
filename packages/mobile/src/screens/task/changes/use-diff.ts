import { diffKey, type TurnInfo } from "@farhand/client/app";
import type { TaskDiff } from "@farhand/protocol";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { troubleOf } from "../../../data/trouble.ts";
import { type Cached, useCached } from "../../../data/use-cached.ts";
import { strings } from "../../../strings/strings.ts";
import type { Trouble } from "../../../ui/error-state.tsx";
import { toast } from "../../../ui/toast.tsx";
import { type DiffFile, filesOf } from "./diff-file.ts";
import { rangeOf, type Scope } from "./scope.ts";

export interface Diff extends Omit<Cached<TaskDiff>, "value"> {
  diff: TaskDiff | null;
  files: readonly DiffFile[];
  /** Asks for one file's lines that were left out of the whole. */
  loadFile: (path: string) => void;
  /** The file that is on its way. */
  loading: string | null;
}

/** @param checkpoint the last state that was kept: a new one asks anew */
export function useDiff(
  taskId: string,
  scope: Scope,
  turns: readonly TurnInfo[],
  checkpoint: string | null,
): Diff {
  const { client } = useServer();
  const { from, to } = rangeOf(scope, turns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new checkpoint is another diff under the same names
  const load = useCallback(
    (signal: AbortSignal) => client.diff(taskId, { from, to }, signal),
    [client, taskId, from, to, checkpoint],
  );
  const { value: diff, ...cached } = useCached<TaskDiff>(diffKey(taskId, from, to), load);
  const whole = useMemo(() => read(diff), [diff]);
  const [parts, setParts] = useState<ReadonlyMap<string, DiffFile>>(new Map());
  const [loading, setLoading] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was loaded belongs to one diff
  useEffect(() => setParts(new Map()), [diff?.from, diff?.to]);

  const loadFile = useCallback(
    (path: string) => {
      if (!diff) return;
      setLoading(path);
      client
        .diff(taskId, { from: diff.from, to: diff.to, path })
        .then((answer) => {
          const file = filesOf(answer).find((it) => it.path === path);
          if (file)
            setParts((before) =>
              new Map(before).set(path, { ...file, isPartial: false, isTooLarge: file.isPartial }),
            );
        })
        .catch((error: unknown) => toast(troubleOf(error).title))
        .finally(() => setLoading(null));
    },
    [client, taskId, diff],
  );

  const files = useMemo(() => whole.files.map((file) => parts.get(file.path) ?? file), [whole, parts]);
  return { ...cached, trouble: whole.trouble ?? cached.trouble, diff, files, loadFile, loading };
}

/** A diff that is not understood is said to be so, rather than shown in part. */
function read(diff: TaskDiff | null): { files: DiffFile[]; trouble: Trouble | null } {
  if (!diff) return { files: [], trouble: null };
  try {
    return { files: filesOf(diff), trouble: null };
  } catch (error) {
    const action = error instanceof Error ? error.message : "";
    return { files: [], trouble: { title: strings.changes.failedTitle, action } };
  }
}
