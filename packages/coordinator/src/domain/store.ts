/** What the task's life needs of the database. `database/` implements it. */
import type {
  Attachment,
  EventBody,
  EventPage,
  ForkPoint,
  InboxItem,
  NumberedWorkerEvent,
  Settings,
  SpendingLimit,
  TakenMessages,
  Task,
  TaskEvent,
  TaskPage,
  TaskState,
  WaitingMessages,
} from "@farhand/protocol";
import type { ConversationLine, OpenTool } from "./conversation.ts";

/** A task with what only the coordinator needs to know of it. */
export interface TaskRecord extends Task {
  userId: string;
  baseCommit: string | null;
  /** The checkpoint that the next worker begins with; null for the branch's or the base's own files. */
  revision: string | null;
  /** Sandboxes that this turn has lost so far. */
  losses: number;
  /** Time that its turns have worked, together. Measured, and not taken from the clock: that may jump. */
  workedMs: number;
  archivedAt: string | null;
}

/** The task without what only the coordinator knows. */
export function toTask(record: TaskRecord): Task {
  const {
    userId: _u,
    baseCommit: _b,
    revision: _r,
    losses: _l,
    workedMs: _w,
    archivedAt: _a,
    ...task
  } = record;
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
  budget: SpendingLimit;
  /** Id of the prompt as a message. */
  messageId: string;
  /** Of the prompt. */
  attachments: Attachment[];
  requestKey: string | null;
  fork: { from: ForkPoint; baseCommit: string; revision: string; lines: ConversationLine[] } | null;
}

export interface Claim {
  task: TaskRecord;
  attempt: number;
  /** The attempt's token in clear. It is stored hashed, so this is the only time that it is seen. */
  token: string;
}

export interface TurnRecord {
  turn: number;
  messageId: string;
  text: string;
  startedAt: string;
  /** Checkpoint that the turn began with. */
  startRevision: string | null;
  /** Checkpoint of its end; null while it goes on, and where nothing was ever saved. */
  endRevision: string | null;
  endedAt: string | null;
  workedMs: number;
  /** Somebody has asked for its end. */
  stopping: "stop" | "cancel" | null;
  /** The agent has reported its end, so that only publishing can be missing. */
  isFinished: boolean;
  /** Rolled back: it is out of the conversation. */
  isDiscarded: boolean;
}

/** A message of a person. */
export interface UserMessage {
  messageId: string;
  text: string;
  attachments: Attachment[];
  status: "waiting" | "delivered" | "withdrawn";
  /** The turn that it was delivered in, or is to be. */
  turn: number;
  /** It opened its turn. */
  isOpening: boolean;
}

/** A question of the agent's. */
export interface QuestionRecord {
  /** Id of the tool call that asked. */
  questionId: string;
  turn: number;
  status: "open" | "answered" | "closed";
  answer: string | null;
  /** Names the answer, so that the same one that is sent again is known. */
  answerId: string | null;
}

/** All that a decision about a task may depend on, as it is at one moment. */
export interface TaskFacts {
  task: TaskRecord;
  /** In their order. */
  turns: TurnRecord[];
  /** Every message there was; those that wait in the order of delivery. */
  messages: UserMessage[];
  /** Tool calls of the last answer that have no result. */
  openTools: OpenTool[];
  /** Every question there was. */
  questions: QuestionRecord[];
  now: Date;
}

export interface TaskStore {
  /** With a request key that the user has used, the task that was made for it. */
  create(task: NewTask): Promise<TaskRecord>;
  byRequestKey(userId: string, requestKey: string): Promise<TaskRecord | null>;
  get(taskId: string): Promise<TaskRecord | null>;
  list(query: {
    userId: string;
    state: TaskState | null;
    cursor: string | null;
    limit: number;
  }): Promise<TaskPage>;
  /**
   * Appends the events that a decision makes of the facts, in one transaction with them. What the decision throws
   * comes out, and nothing is changed.
   */
  change(taskId: string, decide: (facts: TaskFacts) => EventBody[]): Promise<TaskRecord>;
  facts(taskId: string): Promise<TaskFacts>;
  turns(taskId: string): Promise<TurnRecord[]>;
  question(taskId: string, questionId: string): Promise<QuestionRecord | null>;
  /** The queued task whose place comes next, but for those named: users take turns, and each one's tasks go by age. */
  nextQueued(except: string[]): Promise<TaskRecord | null>;
  /** Starts the next attempt of a queued task and leases it; null when somebody was quicker. */
  claim(taskId: string, lease: { owner: string; untilMs: number }): Promise<Claim | null>;
  /** A resting sandbox takes its queued task up; false when the task is not queued, or the attempt is not its last. */
  resume(taskId: string, attempt: number, lease: { owner: string; untilMs: number }): Promise<boolean>;
  /** Adds what the turn has worked since the last time. False when somebody else holds the task by now. */
  renewLease(taskId: string, lease: { owner: string; untilMs: number }, workedMs: number): Promise<boolean>;
  /** Leases a task that an earlier coordinator was working on. */
  takeOver(taskId: string, lease: { owner: string; untilMs: number }): Promise<void>;
  setBaseCommit(taskId: string, commit: string): Promise<void>;
  setDiskBytes(taskId: string, diskBytes: number): Promise<void>;
  /** Tasks that a coordinator was working on when it stopped. */
  interrupted(): Promise<TaskRecord[]>;
  /** Archived before the given time, with their files still there. */
  outdated(before: Date, limit: number): Promise<TaskRecord[]>;
  /** Tasks whose files are still there, the least recently measured first. */
  toMeasure(limit: number): Promise<TaskRecord[]>;
}

export interface AttemptStore {
  /** Compares in constant time against the stored hash of the task's current attempt and of earlier ones. */
  verify(taskId: string, token: string): Promise<{ attempt: number; isCurrent: boolean } | null>;
  /** The attempt's end, once: false when it had ended before. */
  end(taskId: string, attempt: number, exitCode: number | null): Promise<boolean>;
  /** Attempts that have not ended. */
  open(): Promise<{ taskId: string; attempt: number }[]>;
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
  /** Events after `after`, at most `limit`; status `gap` when the log does not reach to `after`. */
  read(taskId: string, after: number, limit: number): Promise<EventPage>;
  /** The last events before `before`, at most `limit`, in the order of the log. */
  readBefore(taskId: string, before: number, limit: number): Promise<EventPage>;
  /** Calls back after each commit, in order within a task. Returns the way to stop. */
  follow(taskId: string, follower: (event: TaskEvent) => void): () => void;
  /** Calls back after each commit with the task that it changed. Returns the way to stop. */
  followTasks(userId: string, follower: (taskId: string) => void): () => void;
  conversation(taskId: string): Promise<ConversationLine[]>;
}

export interface Inbox {
  /** Tells the task's worker that something is wanted of it. */
  add(taskId: string, type: InboxItem["type"]): Promise<void>;
  /** Number of the last item; 0 for none. */
  last(taskId: string): Promise<number>;
  /** Items after `after`; waits until there is one or `signal` aborts. */
  read(taskId: string, after: number, signal: AbortSignal): Promise<InboxItem[]>;
}

export interface MessageStore {
  waiting(taskId: string): Promise<WaitingMessages["messages"]>;
  /** Delivers what waits and gives the delivered messages numbered above `after`. Refused (null) for a stale attempt. */
  take(taskId: string, attempt: number, after: number): Promise<TakenMessages["messages"] | null>;
  /** Number of the last delivered message; 0 for none. */
  lastDelivered(taskId: string): Promise<number>;
}

/** The answers to requests with an idempotency key. */
export interface RequestStore {
  find(userId: string, key: string): Promise<StoredAnswer | null>;
  save(userId: string, key: string, answer: StoredAnswer): Promise<void>;
  /** Forgets the answers that were given before that time. */
  forget(before: Date): Promise<void>;
}

export interface StoredAnswer {
  /** SHA-256 of method, path and body. */
  requestHash: string;
  status: number;
  contentType: string;
  body: string;
}

export interface SettingsStore {
  get(userId: string): Promise<Settings>;
  update(userId: string, change: Partial<Settings>): Promise<Settings>;
}

export interface UserStore {
  /** The user whose token this is; null for none. */
  byToken(token: string): Promise<{ id: string; login: string } | null>;
}
