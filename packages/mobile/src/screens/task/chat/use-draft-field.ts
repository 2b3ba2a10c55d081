import { useCallback } from "react";
import { useObservable, useServer } from "../../../data/server.tsx";

/** What stands in a field of the task, kept on the device at every keystroke; null where nothing was begun. */
export function useDraftField(
  taskId: string,
  name: string,
): readonly [string | null, (text: string | null) => void] {
  const { drafts } = useServer();
  const { fields } = useObservable(drafts.task(taskId));
  const set = useCallback(
    (text: string | null) => drafts.setField(taskId, name, text),
    [drafts, taskId, name],
  );
  return [fields[name] ?? null, set];
}
