import { z } from "zod";
import { Failure } from "./error.ts";
import { TokenUsage } from "./message.ts";
import { BranchName, CommitId, ModelId, SeqCursor, TaskId, Timestamp } from "./scalars.ts";

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
  turn: z.int().min(1),
  lastSeq: SeqCursor,
  usage: TokenUsage,
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

/** `GET /api/tasks/{id}/diff`: what the branch changed since the commit that the work started from. */
export const TaskDiff = z.strictObject({
  from: CommitId,
  to: CommitId,
  /** Unified diff. */
  text: z.string(),
  /** The diff was too large to be given whole; the counts are of the whole all the same. */
  truncated: z.boolean(),
  filesChanged: z.int().min(0),
  insertions: z.int().min(0),
  deletions: z.int().min(0),
});
export type TaskDiff = z.infer<typeof TaskDiff>;
