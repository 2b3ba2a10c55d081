import type { Readiness } from "@farhand/protocol";
import type { TaskCommands } from "../domain/commands.ts";
import { failure } from "../domain/failure.ts";
import type { Repositories } from "../domain/ports.ts";
import type {
  EventLog,
  MessageStore,
  RequestStore,
  SettingsStore,
  TaskRecord,
  TaskStore,
  UserStore,
} from "../domain/store.ts";

/** All that the API stands on. `main.ts` fills it. */
export interface ApiContext {
  version: string;
  commands: TaskCommands;
  tasks: TaskStore;
  log: EventLog;
  messages: MessageStore;
  requests: RequestStore;
  settings: SettingsStore;
  users: UserStore;
  repositories: Repositories;
  readiness(): Promise<Readiness>;
  logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

export interface ApiVariables {
  requestId: string;
  userId: string;
  /** The idempotency key of a change; null where the client sent none. */
  requestKey: string | null;
}

export type ApiEnvironment = { Variables: ApiVariables };

/**
 * The user's own task.
 *
 * @throws FarhandError `not_found`, the same for one that is not there and for somebody else's, so that ids cannot be
 * probed
 */
export async function ownTask(
  context: Pick<ApiContext, "tasks">,
  userId: string,
  taskId: string,
): Promise<TaskRecord> {
  const task = await context.tasks.get(taskId);
  if (task?.userId === userId) return task;
  throw failure("not_found", "There is no such task.", "Check the id; GET /api/tasks lists yours.");
}
