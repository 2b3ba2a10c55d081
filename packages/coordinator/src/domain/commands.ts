import type {
  AnswerQuestion,
  ApprovalKind,
  CreateTask,
  ForkTask,
  SendMessage,
  SentMessage,
} from "@farhand/protocol";
import type { TaskRecord } from "./store.ts";

/**
 * What people may ask of tasks. `run/` does it; `http/` passes it on. Throws `FarhandError`; `conflict` when the task
 * is not in a state for it, `attachment_unknown` for one that was not uploaded. `requestKey` is the client's idempotency key: asked again, the same thing is not done again.
 */
export interface TaskCommands {
  /** Throws `invalid_request` or `repository_url_has_credential` for a repository that cannot be used. */
  create(userId: string, command: CreateTask, requestKey: string | null): Promise<TaskRecord>;
  /** Steers the turn that is under way, or starts the next one. */
  sendMessage(task: TaskRecord, message: SendMessage, requestKey: string | null): Promise<SentMessage>;
  /** Throws `not_found` for a message that never was, `conflict` for one that was delivered or withdrawn. */
  editMessage(task: TaskRecord, messageId: string, text: string): Promise<void>;
  withdrawMessage(task: TaskRecord, messageId: string): Promise<void>;
  /** `messageIds` must name just those that wait. */
  reorderMessages(task: TaskRecord, messageIds: string[]): Promise<void>;
  /** Ends the turn and keeps its work. Returns at once; the state follows within 5 seconds. */
  stop(task: TaskRecord): Promise<TaskRecord>;
  /** Ends the task. Returns at once; the state follows. */
  cancel(task: TaskRecord): Promise<TaskRecord>;
  /** Runs a failed turn again from its start, or publishes again where only that had failed. */
  retry(task: TaskRecord): Promise<TaskRecord>;
  /** Answers what the agent has asked. `conflict` for a question that is answered or not open. */
  answer(task: TaskRecord, command: AnswerQuestion, requestKey: string | null): Promise<TaskRecord>;
  /**
   * Publishes what was held back until somebody has looked at it.
   * @param seen the commit that was looked at, where it is known: `conflict` where it is no longer the task's
   */
  approve(task: TaskRecord, kind: ApprovalKind, seen?: string): Promise<TaskRecord>;
  archive(task: TaskRecord): Promise<TaskRecord>;
  rollBack(task: TaskRecord, turn: number): Promise<TaskRecord>;
  fork(task: TaskRecord, command: ForkTask, requestKey: string | null): Promise<TaskRecord>;
}
