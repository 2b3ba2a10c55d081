import { useRouter } from "expo-router";
import { useState } from "react";
import { taskPath } from "../../../links/task-link.ts";
import { useOpenTask } from "../open-task.tsx";
import { ChangesPane } from "./changes-pane.tsx";
import { ALL, type Scope } from "./scope.ts";

/** The changes beside the chat, where there is room for both. What they show is not part of the page's address there. */
export function ChangesBeside() {
  const router = useRouter();
  const { taskId } = useOpenTask();
  const [scope, setScope] = useState<Scope>(ALL);
  return (
    <ChangesPane
      taskId={taskId}
      scope={scope}
      onScope={setScope}
      place={{ file: null, lines: null }}
      onOpenFile={(path) => router.push(taskPath({ taskId, part: "files", file: path, lines: null }))}
    />
  );
}
