/** What the task's life needs of the database. `database/` implements it. */
import type {
  EventBody,
  EventPage,
  Failure,
  InboxItem,
  Message,
  NumberedWorkerEvent,
  Settings,
  Task,
  TaskEvent,
  TaskPage,
  TaskState,
} from "@farhand/protocol";
import type { TaskTrigger } from "./task-state.ts";

/** A task with what only the coordinator needs to know of it. */
export interface TaskRecord extends Task {
  userId: string;
  baseCommit: string | null;
}

/** The task without what only the coordinator knows. */
export function toTask(record: TaskRecord): Task {
  const { userId: _userId, baseCommit: _baseCommit, ...task } = record;
  return task;
}

export interface NewTask {
  id: string;
  userId: string;
  repository: string;
  forge: Task["forge"];
  baseBranch: string | null;
  branch: string;
  model: string;
  prompt: string;
}

export interface Claim {
  task: TaskRecord;
  attempt: number;
  /** The attempt's token in clear. It is stored hashed, so this is the only time that it is seen. */
  token: string;
}

export interface TaskStore {
  create(task: NewTask): Promise<TaskRecord>;
  get(taskId: string): Promise<TaskRecord | null>;
  list(query: {
    userId: string;
    state: TaskState | null;
    cursor: string | null;
    limit: number;
  }): Promise<TaskPage>;
  /** Takes the oldest queued task, starts its next attempt and leases it. One statement picks it. */
  claimNext(lease: { owner: string; untilMs: number }): Promise<Claim | null>;
  /** False when somebody else holds the task by now. */
  renewLease(taskId: string, lease: { owner: string; untilMs: number }): Promise<boolean>;
  /** Moves the task and appends `state.changed`; null when its state has no such arrow. */
  move(taskId: string, trigger: TaskTrigger, failure: Failure | null): Promise<TaskRecord | null>;
  setBaseCommit(taskId: string, commit: string): Promise<void>;
  /** Tasks that a coordinator was working on when it stopped. */
  interrupted(): Promise<TaskRecord[]>;
}

export interface AttemptStore {
  /** Compares in constant time against the stored hash of the task's current attempt and of earlier ones. */
  verify(taskId: string, token: string): Promise<{ attempt: number; isCurrent: boolean } | null>;
  end(taskId: string, attempt: number, exitCode: number | null): Promise<void>;
}

export interface EventLog {
  /** Appends facts of the coordinator's own. */
  append(taskId: string, attempt: number, bodies: EventBody[]): Promise<TaskEvent[]>;
  /** Appends a worker's events from the first that is not yet stored; never leaves a gap. */
  appendFromWorker(
    taskId: string,
    attempt: number,
    events: NumberedWorkerEvent[],
  ): Promise<{ status: "ok" | "gap"; acknowledged: number }>;
  /** Events after `after`, at most `limit`. */
  read(taskId: string, after: number, limit: number): Promise<EventPage>;
  /** Calls back after each commit, in order within a task. Returns the way to stop. */
  follow(taskId: string, follower: (event: TaskEvent) => void): () => void;
  conversation(taskId: string): Promise<Message[]>;
}

export interface Inbox {
  /** Stores a message for the running worker and appends `message.queued`; null when no turn is under way. */
  addMessage(taskId: string, text: string): Promise<{ messageId: string } | null>;
  addCancel(taskId: string): Promise<void>;
  /** Items after `after`; waits until there is one or `signal` aborts. */
  read(taskId: string, after: number, signal: AbortSignal): Promise<InboxItem[]>;
  /** Messages that no worker has put into the conversation. */
  undelivered(taskId: string): Promise<{ messageId: string; text: string }[]>;
}

export interface SettingsStore {
  get(userId: string): Promise<Settings>;
  update(userId: string, change: Partial<Settings>): Promise<Settings>;
}

export interface UserStore {
  /** The user whose token this is; null for none. */
  byToken(token: string): Promise<{ id: string; login: string } | null>;
}
