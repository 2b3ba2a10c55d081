import type { Observable, OpenTask, OpenTaskState } from "@farhand/client/app";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useObservable, useServer } from "../../data/server.tsx";
import { perFrame } from "./chat/per-frame.ts";

interface Opened {
  handle: OpenTask;
  /** Its state, told once a frame: many parts draw it while an answer streams in. */
  state: Observable<OpenTaskState>;
}

const OpenTaskContext = createContext<Opened | null>(null);

/** Follows the task while one of its screens is there. */
export function OpenTaskProvider({ taskId, children }: { taskId: string; children: ReactNode }) {
  const server = useServer();
  const [task, setTask] = useState<Opened | null>(null);
  useEffect(() => {
    const opened = server.openTask(taskId);
    setTask({ handle: opened, state: perFrame(opened) });
    return () => opened.release();
  }, [server, taskId]);
  return task ? <OpenTaskContext value={task}>{children}</OpenTaskContext> : null;
}

function useOpened(): Opened {
  const task = useContext(OpenTaskContext);
  if (!task) throw new Error("there is no OpenTaskProvider above");
  return task;
}

/** The task's handle itself, for what it can do. */
export const useTaskHandle = (): OpenTask => useOpened().handle;

/** What is known of the task now. */
export const useOpenTask = (): OpenTaskState => useObservable(useOpened().state);
