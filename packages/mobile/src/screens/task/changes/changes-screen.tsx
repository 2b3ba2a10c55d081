import { useLocalSearchParams, useRouter } from "expo-router";
import { parseLines, taskPath } from "../../../links/task-link.ts";
import { TaskFrame } from "../task-frame.tsx";
import { ChangesActions } from "./changes-actions.tsx";
import { ChangesPane } from "./changes-pane.tsx";
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
  return (
    <TaskFrame part="changes" actions={<ChangesActions />}>
      <ChangesPane
        taskId={id}
        scope={parseScope(turn)}
        onScope={(scope) =>
          router.setParams({ turn: scope.kind === "turn" ? String(scope.turn) : undefined })
        }
        place={{ file: file ?? null, lines: parseLines(line), side: side === "old" ? "old" : "new" }}
        onOpenFile={(path) => router.push(taskPath({ taskId: id, part: "files", file: path, lines: null }))}
      />
    </TaskFrame>
  );
}
