import type { Task } from "@farhand/protocol";
import type { IconName } from "../../icons/paths.ts";
import { openUrl } from "../../platform/open-url";
import { strings } from "../../strings/strings.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { actionsOf, type TaskAction, titleOf } from "./standing.ts";

const { tasks: words } = strings;

export const ACTION_LOOKS: Record<TaskAction, { title: string; short: string; icon: IconName }> = {
  approve: { title: words.approve, short: words.approveShort, icon: "check" },
  stop: { title: words.stop, short: words.stopShort, icon: "stop" },
  retry: { title: words.retry, short: words.retry, icon: "refresh" },
  archive: { title: words.archive, short: words.archive, icon: "archive" },
  cancel: { title: words.cancel, short: words.cancel, icon: "close" },
};

/** All that can be done with one task of the list. */
export function TaskActionsSheet({
  task,
  onClose,
  onOpen,
  onAction,
}: {
  task: Task | null;
  onClose: () => void;
  onOpen: (task: Task) => void;
  onAction: (task: Task, action: TaskAction) => void;
}) {
  if (!task) return null;
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  const { pullRequestUrl } = task;
  return (
    <Sheet title={titleOf(task)} isOpen onClose={onClose}>
      <ListGroup>
        <ListRow title={words.open} icon="tasks" onPress={then(() => onOpen(task))} />
        {actionsOf(task).map((action) => (
          <ListRow
            key={action}
            title={ACTION_LOOKS[action].title}
            icon={ACTION_LOOKS[action].icon}
            isDanger={action === "cancel"}
            onPress={then(() => onAction(task, action))}
          />
        ))}
        {pullRequestUrl ? (
          <ListRow title={words.openPullRequest} icon="pull" onPress={then(() => openUrl(pullRequestUrl))} />
        ) : null}
      </ListGroup>
    </Sheet>
  );
}
