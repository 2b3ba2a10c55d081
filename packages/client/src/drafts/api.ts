import type { Attachment } from "@farhand/protocol";
import type { Observable } from "../sync/observable.ts";

/** Fields of the form for a new task, as far as they are filled in. */
export interface NewTaskDraft {
  repository: string;
  prompt: string;
  model: string | null;
  baseBranch: string | null;
  maxUsd: number | null;
  maxTokens: number | null;
  /** On this device; the bytes are in the device's store. */
  attachments: readonly Attachment[];
}

/** A comment on lines of a diff that was not sent yet. */
export interface ReviewComment {
  id: string;
  /** As in the diff. */
  path: string;
  /** `old`: lines of the file before the change. */
  side: "old" | "new";
  /** First and last line, both included; the same for one line. */
  startLine: number;
  endLine: number;
  /** The lines themselves, as the person saw them; empty where they are not known. */
  quote: string;
  /** The commits that the diff compared. Null where they are not known. */
  base: string | null;
  head: string | null;
  /** Git's id of the file's content on that side, perhaps shortened: its line numbers hold in this content alone. */
  blob: string | null;
  text: string;
  createdAt: string;
}

export interface TaskDraft {
  /** What stands in the composer. */
  text: string;
  /** Beside the text. On this device. */
  attachments: readonly Attachment[];
  comments: readonly ReviewComment[];
  /**
   * What stands in other fields of the task, each by a name of its own: an answer being written, the prompt of a fork,
   * an edit of a message that waits.
   */
  fields: Readonly<Record<string, string>>;
  /** Photos and files beside such a field, by its name. On this device. */
  files: Readonly<Record<string, readonly Attachment[]>>;
  /** What is said to the agent before the comments. */
  reviewNote: string;
  /** Files of the diff that were ticked off, by path, with what they looked like then: a change unticks them. */
  viewed: Readonly<Record<string, string>>;
}

/** What people have begun to write. Kept on the device on every keystroke. */
export interface Drafts {
  /** Can be read at once; what the device keeps follows. The same object for the same task. */
  task(taskId: string): Observable<TaskDraft>;
  newTask(): Observable<NewTaskDraft>;
  setText(taskId: string, text: string): void;
  /** @param text null where nothing was begun, or it was sent */
  setField(taskId: string, name: string, text: string | null): void;
  setFiles(taskId: string, name: string, files: readonly Attachment[]): void;
  setAttachments(taskId: string, attachments: readonly Attachment[]): void;
  /** This went out: it is no draft any more. What was typed and attached meanwhile, also in another tab, is the next message. */
  sent(taskId: string, message: Pick<TaskDraft, "text" | "attachments">): void;
  setNewTask(change: Partial<NewTaskDraft>): void;
  /** Empties the form of what went out. Another prompt that was begun meanwhile, as in another tab, stays. */
  clearNewTask(sent: Pick<NewTaskDraft, "prompt" | "attachments">): void;
  addComment(taskId: string, comment: Omit<ReviewComment, "id" | "createdAt">): ReviewComment;
  editComment(taskId: string, commentId: string, text: string): void;
  removeComment(taskId: string, commentId: string): void;
  setViewed(taskId: string, path: string, fingerprint: string | null): void;
  setReviewNote(taskId: string, note: string): void;
  /**
   * Sends all comments of the task as one message, with the note before them, and removes both once the message is kept in
   * the outbox. Nothing is sent where there are no comments; a second call while the first is at work waits for it.
   * @param head the task's newest state: comments on an older one say so. Null where it is not known
   * @throws what the device's store throws when it cannot keep the message; then all stays as it is
   */
  sendReview(taskId: string, head: string | null): Promise<void>;
  /** Resolves when all is on the device. */
  settled(): Promise<void>;
}
