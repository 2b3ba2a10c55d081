/** What the chat of a task shows. Data and no words: texts that are not the agent's or the server's are the app's. */
import type {
  ApprovalKind,
  Attachment,
  BudgetUse,
  EgressRule,
  Failure,
  ForkPoint,
  TaskEvent,
} from "@farhand/protocol";

interface RowBase {
  /** Unique in the task and the same for ever, also while the answer streams: a list's key. */
  id: string;
  /** Of the event that made the row. */
  seq: number;
  /** ISO 8601, by the server's clock. */
  at: string;
  /** The turn it belongs to; 0 before the first. */
  turn: number;
}

/** A person's message that the agent has. */
export interface UserRow extends RowBase {
  kind: "user";
  messageId: string;
  text: string;
  attachments: readonly Attachment[];
  /** `opening`: it began the turn; `steering`: it came while the turn was under way. */
  role: "opening" | "steering";
  isRetry: boolean;
}

export interface AssistantRow extends RowBase {
  kind: "assistant";
  messageId: string;
  /** Markdown; half of it while it streams. */
  text: string;
  isStreaming: boolean;
}

export interface ThinkingRow extends RowBase {
  kind: "thinking";
  /** Empty where the model keeps it to itself. */
  text: string;
  isStreaming: boolean;
}

export interface ToolStep {
  kind: "tool";
  id: string;
  toolUseId: string;
  /** `bash`, `read`, `write`, `edit`, `glob`, `grep`, or another one. */
  name: string;
  /** One line that says what it does, such as the command or the path. */
  label: string;
  input: unknown;
  /** Of `bash`, whole. */
  command: string | null;
  /** Of the tools that work on one file. */
  path: string | null;
  /** It writes to `path`. */
  changesFile: boolean;
  /** `interrupted`: nobody knows how far it came. */
  status: "pending" | "running" | "done" | "failed" | "interrupted";
  /** Of a command, where the log tells it: 0 when it went well, and often unknown (null) when it did not. */
  exitCode: number | null;
  startedAt: string | null;
  durationMs: number | null;
  /** As the model got it, ANSI colours included. */
  output: string;
  /** Pictures in the result. */
  imageCount: number;
  /** The model did not get all of it. */
  isTruncated: boolean;
  /** What the server keeps of it beside the log, with its colours: `keptBytes` of `sizeBytes`. Null for nothing. */
  kept: { sizeBytes: number; keptBytes: number } | null;
}

export interface ThinkingStep {
  kind: "thinking";
  id: string;
  text: string;
}

export type Step = ToolStep | ThinkingStep;

/** Tool calls in a row, with the thoughts between them, shown as one line: "12 steps, 3 files". */
export interface StepsRow extends RowBase {
  kind: "steps";
  steps: readonly Step[];
  toolCount: number;
  failedCount: number;
  /** Paths that were written to, each once. */
  changedFiles: readonly string[];
  isRunning: boolean;
  /** Of the calls that have ended, together. */
  durationMs: number;
}

export interface NoticeRow extends RowBase {
  kind: "notice";
  level: "info" | "warning";
  code: string;
  text: string;
}

export interface SetupRow extends RowBase {
  kind: "setup";
  path: string;
  /** Null while it runs. */
  exitCode: number | null;
  tail: string;
  isCached: boolean;
  durationMs: number | null;
}

/** The agent asks a person. `past`: the turn ended without an answer. */
export interface QuestionRow extends RowBase {
  kind: "question";
  questionId: string;
  question: string;
  options: readonly string[];
  status: "open" | "answered" | "past";
  answer: string | null;
}

/** Publishing was held back until a person has looked. */
export interface ApprovalRow extends RowBase {
  kind: "approval";
  approval: ApprovalKind;
  /** What was held back; null where the log does not tell it. */
  commit: string | null;
  message: string;
  action: string;
  status: "open" | "given" | "past";
}

/** A limit is used up and the agent waits (`open`), or four fifths of it are (`warning`). */
export interface BudgetRow extends RowBase {
  kind: "budget";
  use: BudgetUse;
  status: "warning" | "open" | "past";
}

/** The agent wanted to reach a host and was not let. */
export interface HostRow extends RowBase {
  kind: "host";
  host: string;
  port: number;
  /** What to allow: `host`, or `host:port` where the port is the reason. */
  pattern: string;
  rule: EgressRule;
  status: "open" | "allowed" | "blocked";
}

export interface TurnEndRow extends RowBase {
  kind: "turn_end";
  outcome: "finished" | "failed" | "stopped" | "cancelled";
  title: string | null;
  summary: string | null;
  failure: Failure | null;
  /** In US dollars, of the calls whose price is known. */
  costUsd: number;
  isCostPartial: boolean;
  durationMs: number;
  /** Commit of the turn's last checkpoint. */
  checkpoint: string | null;
  changes: { filesChanged: number; insertions: number; deletions: number } | null;
}

export interface PullRequestRow extends RowBase {
  kind: "pull_request";
  url: string;
  number: number | null;
  change: "opened" | "existed" | "reopened" | "closed" | "merged";
}

/** Code and conversation are back at the end of `toTurn`; 0 is the start. */
export interface RollBackRow extends RowBase {
  kind: "rolled_back";
  toTurn: number;
  commit: string;
}

/** The files of a new sandbox are older than the steps named. */
export interface RestoredRow extends RowBase {
  kind: "restored";
  lost: readonly string[];
}

/** Repository and files were removed after their time. */
export interface RemovedRow extends RowBase {
  kind: "removed";
  freedBytes: number;
}

export interface ForkedRow extends RowBase {
  kind: "forked";
  from: ForkPoint;
}

/** Something that this version does not know: "update the app". */
export interface UnknownRow extends RowBase {
  kind: "unknown";
  /** The event's type, or the type of a piece of an answer. */
  type: string;
  event: TaskEvent;
}

export type Row =
  | UserRow
  | AssistantRow
  | ThinkingRow
  | StepsRow
  | NoticeRow
  | SetupRow
  | QuestionRow
  | ApprovalRow
  | BudgetRow
  | HostRow
  | TurnEndRow
  | PullRequestRow
  | RollBackRow
  | RestoredRow
  | RemovedRow
  | ForkedRow
  | UnknownRow;
