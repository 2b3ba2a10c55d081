import { useLocalSearchParams, useRouter } from "expo-router";
import { useState } from "react";
import { parseLines, taskPath } from "../../../links/task-link.ts";
import { openUrl } from "../../../platform/open-url";
import { strings } from "../../../strings/strings.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Screen } from "../../../ui/screen.tsx";
import { ConnectionBanner } from "../../connection/connection-banner.tsx";
import { titleOf } from "../../tasks/standing.ts";
import { useOpenTask } from "../open-task.tsx";
import { ChangesPane } from "./changes-pane.tsx";
import { OptionsSheet } from "./options-sheet.tsx";
import { parseScope } from "./scope.ts";

/** The review of a task's changes, at `/task/<id>/changes?file=…&line=…&turn=…`. */
export function ChangesScreen() {
  const router = useRouter();
  const { id, file, line, turn } = useLocalSearchParams<{
    id: string;
    file?: string;
    line?: string;
    turn?: string;
  }>();
  const { task } = useOpenTask();
  const [areOptionsOpen, setOptionsOpen] = useState(false);
  const pullRequestUrl = task?.pullRequestUrl ?? null;
  const chat = taskPath({ taskId: id, part: "chat", file: null, lines: null });
  return (
    <Screen
      title={strings.changes.title}
      subtitle={task ? titleOf(task) : undefined}
      onBack={() => (router.canGoBack() ? router.back() : router.replace(chat))}
      banner={<ConnectionBanner />}
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
        place={{ file: file ?? null, lines: parseLines(line) }}
        onOpenFile={(path) => router.push(taskPath({ taskId: id, part: "files", file: path, lines: null }))}
      />
      <OptionsSheet isOpen={areOptionsOpen} onClose={() => setOptionsOpen(false)} />
    </Screen>
  );
}
