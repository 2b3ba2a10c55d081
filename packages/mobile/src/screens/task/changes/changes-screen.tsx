import { useLocalSearchParams, useRouter } from "expo-router";
import { useState } from "react";
import { parseLines, taskPath } from "../../../links/task-link.ts";
import { openUrl } from "../../../platform/open-url";
import { strings } from "../../../strings/strings.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { useOpenTask } from "../open-task.tsx";
import { TaskFrame } from "../task-frame.tsx";
import { ChangesPane } from "./changes-pane.tsx";
import { OptionsSheet } from "./options-sheet.tsx";
import { parseScope } from "./scope.ts";

/** The review of a task's changes, at `/task/<id>/changes?file=…&line=…&side=old&turn=…`. */
export function ChangesScreen() {
  const router = useRouter();
  const { id, file, line, side, turn } = useLocalSearchParams<{
    id: string;
    file?: string;
    line?: string;
    side?: string;
    turn?: string;
  }>();
  const { task } = useOpenTask();
  const [areOptionsOpen, setOptionsOpen] = useState(false);
  const pullRequestUrl = task?.pullRequestUrl ?? null;
  return (
    <TaskFrame
      part="changes"
      actions={
        <>
          {pullRequestUrl ? (
            <IconButton
              icon="pull"
              label={strings.changes.pullRequest}
              onPress={() => openUrl(pullRequestUrl)}
            />
          ) : null}
          <IconButton
            icon="eye"
            label={strings.changes.options}
            onPress={() => setOptionsOpen(true)}
            testID="diff-options"
          />
        </>
      }
    >
      <ChangesPane
        taskId={id}
        scope={parseScope(turn)}
        onScope={(scope) =>
          router.setParams({ turn: scope.kind === "turn" ? String(scope.turn) : undefined })
        }
        place={{ file: file ?? null, lines: parseLines(line), side: side === "old" ? "old" : "new" }}
        onOpenFile={(path) => router.push(taskPath({ taskId: id, part: "files", file: path, lines: null }))}
      />
      <OptionsSheet isOpen={areOptionsOpen} onClose={() => setOptionsOpen(false)} />
    </TaskFrame>
  );
}
