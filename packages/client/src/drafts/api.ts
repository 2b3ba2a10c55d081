import type { Observable } from "../sync/observable.ts";

/** Fields of the form for a new task, as far as they are filled in. */
export interface NewTaskDraft {
  repository: string;
  prompt: string;
  model: string | null;
  baseBranch: string | null;
  maxUsd: number | null;
  maxTokens: number | null;
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
  text: string;
  createdAt: string;
}

export interface TaskDraft {
  /** What stands in the composer. */
  text: string;
  comments: readonly ReviewComment[];
  /** Files of the diff that were ticked off, by path, with what they looked like then: a change unticks them. */
  viewed: Readonly<Record<string, string>>;
}

/** What people have begun to write. Kept on the device on every keystroke. */
export interface Drafts {
  /** Can be read at once; what the device keeps follows. The same object for the same task. */
  task(taskId: string): Observable<TaskDraft>;
  newTask(): Observable<NewTaskDraft>;
  setText(taskId: string, text: string): void;
  setNewTask(change: Partial<NewTaskDraft>): void;
  clearNewTask(): void;
  addComment(taskId: string, comment: Omit<ReviewComment, "id" | "createdAt">): ReviewComment;
  editComment(taskId: string, commentId: string, text: string): void;
  removeComment(taskId: string, commentId: string): void;
  setViewed(taskId: string, path: string, fingerprint: string | null): void;
  /**
   * Sends all comments of the task as one message, with `note` before them, and removes them once the message is kept in
   * the outbox. Nothing is sent where there are none.
   */
  sendReview(taskId: string, note?: string): Promise<void>;
  /** Resolves when all is on the device. */
  settled(): Promise<void>;
}
