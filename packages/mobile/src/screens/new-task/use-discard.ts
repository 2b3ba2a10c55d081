import type { NewTaskDraft } from "@farhand/client/app";
import { useEffect, useRef, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { toast } from "../../ui/toast.tsx";
import { isBegun } from "./draft.ts";

/**
 * Empties the form, and fills it again for who did not mean it. Until another draft is begun or the form is left, the files
 * of the discarded one stay on the device.
 */
export function useDiscard(draft: NewTaskDraft) {
  const { drafts, attachments } = useServer();
  const [discarded, setDiscarded] = useState<NewTaskDraft | null>(null);
  const letGo = ({ attachments: files }: NewTaskDraft) =>
    void attachments.drop(files.map(({ id }) => id)).catch((error: unknown) => toast(troubleOf(error).title));
  const latest = useRef({ discarded, letGo });
  latest.current = { discarded, letGo };
  const isOver = discarded !== null && isBegun(draft);
  useEffect(() => {
    const { discarded: last, letGo: drop } = latest.current;
    if (!isOver || !last) return;
    drop(last);
    setDiscarded(null);
  }, [isOver]);
  useEffect(
    () => () => {
      const { discarded: last, letGo: drop } = latest.current;
      if (last) drop(last);
    },
    [],
  );
  return {
    canUndo: discarded !== null && !isOver,
    discard: () => {
      setDiscarded(draft);
      drafts.clearNewTask(draft);
    },
    undo: () => {
      if (!discarded) return;
      setDiscarded(null);
      drafts.setNewTask(discarded);
    },
  };
}
