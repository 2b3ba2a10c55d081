import { z } from "zod";

/** A task's id: `t_` and a lower-case ULID, so ids sort by time of creation. */
export const TaskId = z
  .string()
  .regex(/^t_[0-9a-z]{26}$/, "a task id looks like t_01j9z3k4m5n6p7q8r9s0t1v2w3");
export type TaskId = z.infer<typeof TaskId>;

/** ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime({ precision: 3 });

/** Position of an event in its task's log: 1, 2, 3 … without gaps. 0 means "before the first". */
export const Seq = z.int().min(1);
export const SeqCursor = z.int().min(0);

/** A git commit id in full. */
export const CommitId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

/**
 * A branch name that git accepts and no shell or ref trick can hide in. Stricter than `git check-ref-format`:
 * letters, digits and `._/-` only.
 */
export const BranchName = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^(?![-/.])(?!.*(\.\.|\/\/|\/\.|\.lock(\/|$)))[A-Za-z0-9._/-]+(?<![/.])$/,
    "a branch name has letters, digits and . _ / - and does not start with - . or /",
  );

/** A Claude model's id, as the Messages API names it. Whether it exists is the API's to say. */
export const ModelId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, "a model id looks like claude-sonnet-5-5");

/** Number of a turn of a task: 1, 2, 3 … */
export const TurnNumber = z.int().min(1);

/** A message's id: `m_` and a lower-case ULID. */
export const MessageId = z
  .string()
  .regex(/^m_[0-9a-z]{26}$/, "a message id looks like m_01j9z3k4m5n6p7q8r9s0t1v2w3");
export type MessageId = z.infer<typeof MessageId>;

/**
 * A state of a task's files: `base` (where the work started), `latest` (the last checkpoint), `branch` (what was
 * pushed for publishing), `turn-3` (the end of that turn), or a commit's id in full.
 */
export const Revision = z
  .string()
  .regex(
    /^(base|latest|branch|turn-[1-9][0-9]{0,5}|[0-9a-f]{40}([0-9a-f]{24})?)$/,
    "name base, latest, branch, turn-1 (or another turn), or a commit id in full",
  );
export type Revision = z.infer<typeof Revision>;

/** The id that the model's service gives a call of a tool. */
export const ToolUseId = z.string().min(1).max(200);
