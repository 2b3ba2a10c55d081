import { z } from "zod";
import { BudgetUse, SpendingLimit } from "./budget.ts";
import { ErrorCode, Failure } from "./error.ts";
import { TokenUsage } from "./message.ts";
import { OpenQuestion } from "./question.ts";
import { BranchName, ModelId, SeqCursor, TaskId, Timestamp } from "./scalars.ts";

/** The states of a task. `domain/task-state.ts` of the coordinator holds the arrows between them. */
export const TaskState = z.enum([
  "queued",
  "starting",
  "running",
  "waiting",
  "idle",
  "failed",
  "cancelled",
  "archived",
]);
export type TaskState = z.infer<typeof TaskState>;

/** Where a task was forked from: the end of that turn; 0 is the start of the task. */
export const ForkPoint = z.strictObject({ taskId: TaskId, turn: z.int().min(0) });
export type ForkPoint = z.infer<typeof ForkPoint>;

export const ForgeKind = z.enum(["github", "plain"]);
export type ForgeKind = z.infer<typeof ForgeKind>;

/** A task as every client sees it. */
export const Task = z.strictObject({
  id: TaskId,
  state: TaskState,
  /** URL or absolute path of the repository, never with a credential in it. */
  repository: z.string(),
  forge: ForgeKind,
  /** The branch the work starts from; null until the repository's default branch is known. */
  baseBranch: BranchName.nullable(),
  /** The branch the work is pushed to, `farhand/<slug>`. */
  branch: BranchName,
  model: ModelId,
  prompt: z.string(),
  /** Title and summary that the agent gave its work; null until a turn ended. */
  title: z.string().nullable(),
  summary: z.string().nullable(),
  /** Commit at the tip of the branch that was last published; null until then. */
  commit: z.string().nullable(),
  filesChanged: z.int().nullable(),
  pullRequestUrl: z.string().nullable(),
  /** Number of the current attempt; 0 before the first. */
  attempt: z.int().min(0),
  /** Number of the current or last turn. */
  turn: z.int().min(1),
  forkedFrom: ForkPoint.nullable(),
  /** Why a queued task does not start although its turn has come, such as a full disk; null otherwise. */
  delayedBy: z.strictObject({ code: ErrorCode, message: z.string() }).nullable(),
  /** Bytes on the server's disk: repository, log and artifacts. Null until measured. */
  diskBytes: z.int().min(0).nullable(),
  /** Its repository and files were removed after their time; the log of events is kept. */
  removed: z.boolean(),
  lastSeq: SeqCursor,
  usage: TokenUsage,
  /** In US dollars, of the model calls whose price is known. */
  costUsd: z.number().min(0),
  /** Tokens of model calls whose price is not known: they are in `usage` and in no `costUsd`. */
  unpricedTokens: z.int().min(0),
  /** The task's own limit. */
  budget: SpendingLimit,
  /** The limit that is used up, so that a `waiting` or `queued` task does not go on; null otherwise. */
  budgetReached: BudgetUse.nullable(),
  /**
   * What the agent has asked and nobody has answered; null otherwise. The task is `waiting`, or `queued` where its
   * sandbox is gone meanwhile: it gets another one once there is an answer.
   */
  question: OpenQuestion.nullable(),
  failure: Failure.nullable(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Task = z.infer<typeof Task>;

export const TaskPage = z.strictObject({
  tasks: z.array(Task),
  /** Give it back as `cursor` for the next page; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type TaskPage = z.infer<typeof TaskPage>;
