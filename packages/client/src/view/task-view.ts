import type {
  Attachment,
  BudgetUse,
  ErrorCode,
  Failure,
  ForkPoint,
  SpendingLimit,
  TaskEvent,
  TaskState,
  TokenUsage,
} from "@farhand/protocol";
import { List } from "./list.ts";
import type { Row } from "./rows.ts";

/** A person's message that the server has and the agent has not. */
export interface WaitingMessage {
  messageId: string;
  text: string;
  attachments: readonly Attachment[];
  at: string;
}

export interface PullRequest {
  url: string;
  number: number | null;
  state: "open" | "closed" | "merged";
}

export interface Changes {
  filesChanged: number;
  insertions: number;
  deletions: number;
}

/** What stands above the chat. All of it follows from the events. */
export interface TaskHeader {
  taskId: string;
  repository: string;
  prompt: string;
  model: string;
  baseBranch: string | null;
  branch: string;
  forkedFrom: ForkPoint | null;
  state: TaskState;
  /** Number of the current or last turn; 0 before the first. */
  turn: number;
  attempt: number;
  /** Somebody asked for the end of the turn, and it has not ended yet. */
  stopping: "stop" | "cancel" | null;
  title: string | null;
  summary: string | null;
  failure: Failure | null;
  delayedBy: { code: ErrorCode; message: string } | null;
  usage: TokenUsage;
  /** Tokens of the last model call's input, cached or not, and its output: what the context holds now. */
  contextTokens: number;
  costUsd: number;
  turnCostUsd: number;
  /** There were calls whose price is not known. */
  isCostPartial: boolean;
  budget: SpendingLimit | null;
  budgetReached: BudgetUse | null;
  pullRequest: PullRequest | null;
  /** The last commit that the agent's work came to on its branch, published or held back. */
  worked: string | null;
  /** Of the branch that was last published. */
  published: (Changes & { branch: string; commit: string }) | null;
  checkpoint: string | null;
  sandbox: string | null;
  isRemoved: boolean;
  createdAt: string;
  turnStartedAt: string | null;
  lastEventAt: string;
}

export interface TurnInfo {
  turn: number;
  text: string;
  startSeq: number;
  startedAt: string;
  /** Null while it goes on. */
  endSeq: number | null;
  endedAt: string | null;
  outcome: "finished" | "failed" | "stopped" | "cancelled" | null;
  title: string | null;
  summary: string | null;
  checkpoint: string | null;
  changes: Changes | null;
  costUsd: number;
  isCostPartial: boolean;
  /** Rolled back. */
  isDiscarded: boolean;
}

/** One line of the details screen: what happened that the chat does not tell. */
export interface TimelineEntry {
  id: string;
  seq: number;
  at: string;
  type: TaskEvent["body"]["type"];
  durationMs: number | null;
  /** A commit, a sandbox's name, a state; empty where there is nothing to add. */
  detail: string;
}

/** A block of an answer while it streams. `id` is the one that its row will have. */
export interface LiveBlock {
  id: string;
  index: number;
  kind: "text" | "thinking" | "tool_input";
  text: string;
}

export interface LiveMessage {
  messageId: string;
  blocks: readonly LiveBlock[];
  /** Pieces may be missing: none is added until its blocks are told whole, or its event is there. */
  isBroken: boolean;
}

/** Where rows are that later events change. Bounded by what is open at one time. */
export interface OpenPlaces {
  tools: ReadonlyMap<string, { row: number; step: number }>;
  questions: ReadonlyMap<string, number>;
  hosts: ReadonlyMap<string, number>;
  approval: number | null;
  budget: number | null;
  setup: number | null;
}

export interface TaskView {
  /** Null until the first event. */
  header: TaskHeader | null;
  rows: List<Row>;
  /** In the order in which the agent will get them. */
  waiting: readonly WaitingMessage[];
  /** The answer that is being given; null where none is. */
  live: LiveMessage | null;
  turns: List<TurnInfo>;
  timeline: List<TimelineEntry>;
  /** Rows of these events (both ends included) are out of the conversation: rolled back, or run again. */
  discarded: readonly { fromSeq: number; toSeq: number }[];
  /** The last event that the view shows. */
  seq: number;
  /** Events that came before those that precede them. */
  early: ReadonlyMap<number, TaskEvent>;
  open: OpenPlaces;
  /** Answers so far: the number of the next one is part of its rows' ids. */
  answerCount: number;
  /** Ids of the last finished answers, whose pieces may still arrive. */
  finishedAnswers: readonly string[];
}

export const EMPTY_USAGE: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
};

export const EMPTY_VIEW: TaskView = {
  header: null,
  rows: List.empty(),
  waiting: [],
  live: null,
  turns: List.empty(),
  timeline: List.empty(),
  discarded: [],
  seq: 0,
  early: new Map(),
  open: {
    tools: new Map(),
    questions: new Map(),
    hosts: new Map(),
    approval: null,
    budget: null,
    setup: null,
  },
  answerCount: 0,
  finishedAnswers: [],
};

/** A turn is over, and the agent does no more by itself. */
export const isAtRest = (state: TaskState): boolean =>
  state === "idle" || state === "failed" || state === "cancelled" || state === "archived";

/** Whether the row is out of the conversation, because its turn was rolled back or run again. */
export function isDiscarded(view: TaskView, row: Row): boolean {
  return view.discarded.some(({ fromSeq, toSeq }) => row.seq >= fromSeq && row.seq <= toSeq);
}
