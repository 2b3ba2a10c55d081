import { useLocalSearchParams, useRouter } from "expo-router";
import { parseLines } from "../../../links/task-link.ts";
import { TaskFrame } from "../task-frame.tsx";
import { FilesPane } from "./files-pane.tsx";

/** The files of a task, at `/task/<id>/files?file=…&line=…`. */
export function FilesScreen() {
  const router = useRouter();
  const { id, file, line } = useLocalSearchParams<{ id: string; file?: string; line?: string }>();
  return (
    <TaskFrame part="files">
      <FilesPane
        taskId={id}
        place={{ file: file || null, lines: parseLines(line) }}
        onFile={(path, line) => router.setParams({ file: path ?? undefined, line: line?.toString() })}
      />
    </TaskFrame>
  );
}
