import type { CreateTask } from "@farhand/protocol";
import type { TaskRecord } from "./store.ts";

/** What people may ask of tasks. `run/` does it; `http/` passes it on. Throws `FarhandError`. */
export interface TaskCommands {
  /** Throws `invalid_request` or `repository_url_has_credential` for a repository that cannot be used. */
  create(userId: string, command: CreateTask): Promise<TaskRecord>;
  /** Throws `conflict` when the task has ended already. Returns at once; the state follows. */
  cancel(task: TaskRecord): Promise<TaskRecord>;
  /** Throws `conflict` when no turn is under way. */
  sendMessage(task: TaskRecord, text: string): Promise<{ messageId: string }>;
}
