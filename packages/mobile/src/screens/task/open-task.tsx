import type { OpenTask, OpenTaskState } from "@farhand/client/app";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useObservable, useServer } from "../../data/server.tsx";

const OpenTaskContext = createContext<OpenTask | null>(null);

/** Follows the task while one of its screens is there. */
export function OpenTaskProvider({ taskId, children }: { taskId: string; children: ReactNode }) {
  const server = useServer();
  const [task, setTask] = useState<OpenTask | null>(null);
  useEffect(() => {
    const opened = server.openTask(taskId);
    setTask(opened);
    return () => opened.release();
  }, [server, taskId]);
  return task ? <OpenTaskContext value={task}>{children}</OpenTaskContext> : null;
}

/** The task's handle itself, for what it can do. */
export function useTaskHandle(): OpenTask {
  const task = useContext(OpenTaskContext);
  if (!task) throw new Error("there is no OpenTaskProvider above");
  return task;
}

/** What is known of the task now. */
export const useOpenTask = (): OpenTaskState => useObservable(useTaskHandle());
