import type { ApprovalKind, Attachment, CreateTask, ForkTask, SetBudget } from "@farhand/protocol";

/** All that a person can ask of the server from the app, online or not. */
export type Command =
  /** Attachments are on this device, and are uploaded before the command that names them is sent. */
  | { type: "create_task"; task: Omit<CreateTask, "attachments">; attachments?: readonly Attachment[] }
  | { type: "send_message"; taskId: string; text: string; attachments?: readonly Attachment[] }
  | { type: "edit_message"; taskId: string; messageId: string; text: string }
  | { type: "withdraw_message"; taskId: string; messageId: string }
  | { type: "reorder_messages"; taskId: string; messageIds: string[] }
  | { type: "stop"; taskId: string }
  | { type: "cancel"; taskId: string }
  | { type: "retry"; taskId: string }
  | { type: "archive"; taskId: string }
  | { type: "approve"; taskId: string; kind: ApprovalKind; commit?: string }
  | { type: "answer"; taskId: string; questionId: string; answer: string }
  | { type: "roll_back"; taskId: string; turn: number }
  | {
      type: "fork";
      taskId: string;
      fork: Omit<ForkTask, "attachments">;
      attachments?: readonly Attachment[];
    }
  | { type: "allow_host"; taskId: string; host: string }
  | { type: "set_budget"; taskId: string; budget: SetBudget };

/** The task that a command is about; null for one that makes a new task from nothing. */
export const taskOf = (command: Command): string | null =>
  command.type === "create_task" ? null : command.taskId;
