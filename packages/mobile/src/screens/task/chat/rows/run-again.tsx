import type { TurnEndRow } from "@farhand/client/app";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { useOpenTask } from "../../open-task.tsx";
import { actionsOfRow } from "../row-actions.ts";
import { useAsk } from "../use-ask.ts";

/** Under a turn that failed: what most people want next. Nothing where the task has gone on since. */
export function RunAgain({ row }: { row: TurnEndRow }) {
  const { view, taskId } = useOpenTask();
  const ask = useAsk();
  if (!actionsOfRow(view, row).canRetry) return null;
  return (
    <Button
      title={strings.chat.retry}
      icon="refresh"
      isCompact
      onPress={() => void ask({ type: "retry", taskId }, strings.tasks.sentRetry)}
    />
  );
}
