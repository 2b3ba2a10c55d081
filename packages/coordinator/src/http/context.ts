import type { Readiness } from "@farhand/protocol";
import type { TaskCommands } from "../domain/commands.ts";
import type { Repositories } from "../domain/ports.ts";
import type { EventLog, SettingsStore, TaskRecord, TaskStore, UserStore } from "../domain/store.ts";

/** All that the API stands on. `main.ts` fills it. */
export interface ApiContext {
  version: string;
  commands: TaskCommands;
  tasks: TaskStore;
  log: EventLog;
  settings: SettingsStore;
  users: UserStore;
  repositories: Repositories;
  readiness(): Promise<Readiness>;
  logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

export interface ApiVariables {
  requestId: string;
  userId: string;
}

export type ApiEnvironment = { Variables: ApiVariables };

/** The task, when it is there and the user's own; the same null otherwise, so that ids cannot be probed. */
export async function ownTask(
  context: ApiContext,
  userId: string,
  taskId: string,
): Promise<TaskRecord | null> {
  const task = await context.tasks.get(taskId);
  return task?.userId === userId ? task : null;
}
