import { useLocalSearchParams, useRouter } from "expo-router";
import { parseLines, taskPath } from "../../../links/task-link.ts";
import { strings } from "../../../strings/strings.ts";
import { Screen } from "../../../ui/screen.tsx";
import { ConnectionBanner } from "../../connection/connection-banner.tsx";
import { titleOf } from "../../tasks/standing.ts";
import { useOpenTask } from "../open-task.tsx";
import { FilesPane } from "./files-pane.tsx";

/** The files of a task, at `/task/<id>/files?file=…&line=…`. */
export function FilesScreen() {
  const router = useRouter();
  const { id, file, line } = useLocalSearchParams<{ id: string; file?: string; line?: string }>();
  const { task } = useOpenTask();
  const chat = taskPath({ taskId: id, part: "chat", file: null, lines: null });
  return (
    <Screen
      title={strings.files.title}
      subtitle={task ? titleOf(task) : undefined}
      onBack={() => (router.canGoBack() ? router.back() : router.replace(chat))}
      banner={<ConnectionBanner />}
    >
      <FilesPane
        taskId={id}
        place={{ file: file || null, lines: parseLines(line) }}
        onFile={(path) => router.setParams({ file: path ?? undefined, line: undefined })}
      />
    </Screen>
  );
}
