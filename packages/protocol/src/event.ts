import { z } from "zod";
import { Attachment } from "./attachment.ts";
import { BudgetUse, SpendingLimit } from "./budget.ts";
import { ApprovalKind } from "./command.ts";
import { EgressHost, EgressRule } from "./egress.ts";
import { ErrorCode, Failure } from "./error.ts";
import { ContentBlock, TokenUsage } from "./message.ts";
import { Question, QuestionId } from "./question.ts";
import { BranchName, CommitId, ModelId, Seq, TaskId, Timestamp, TurnNumber } from "./scalars.ts";
import { ForkPoint, TaskState } from "./task.ts";

/** Left out where there are none, as in logs from before there were any. */
const attachments = z.array(Attachment).optional();
const durationMs = z.number().min(0);

/** What a worker may report. The gateway takes no other kind from a sandbox. */
export const WorkerEvent = z.discriminatedUnion("type", [
  /** The worker runs and speaks to the gateway. */
  z.strictObject({ type: z.literal("worker.ready"), version: z.string(), startMs: durationMs }),
  /** The work tree is there. */
  z.strictObject({ type: z.literal("repository.cloned"), commit: CommitId, durationMs }),
  /** A finished answer of the model, reported before any of its tools is run. */
  z.strictObject({
    type: z.literal("assistant.message"),
    messageId: z.string(),
    model: z.string(),
    content: z.array(ContentBlock),
    stopReason: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal("tool.started"),
    toolUseId: z.string(),
    name: z.string(),
    /** One line for people, such as the command or the path. */
    label: z.string(),
  }),
  /** The result exactly as the model gets it: `content` is what its `tool_result` block holds. */
  z.strictObject({
    type: z.literal("tool.finished"),
    toolUseId: z.string(),
    name: z.string(),
    isError: z.boolean(),
    content: z.union([z.string(), z.array(ContentBlock)]),
    durationMs,
    /** Of a command in the shell that came to its end. Logs of older workers have none. */
    exitCode: z.int().min(0).max(255).optional(),
    /**
     * Where the tool gave more than `content` shows, or with colours: `GET /api/tasks/{id}/outputs/{toolUseId}` gives it
     * as it was. Of `sizeBytes`, `keptBytes` are kept.
     */
    output: z.strictObject({ sizeBytes: z.int().min(0), keptBytes: z.int().min(0) }).optional(),
  }),
  /**
   * Something worth knowing that changes nothing: a retry, a truncated output. With the code `model_retry`, the
   * pieces of the message that was streaming are void, and no `assistant.message` follows for it.
   */
  z.strictObject({
    type: z.literal("notice"),
    level: z.enum(["info", "warning"]),
    code: z.string(),
    message: z.string(),
  }),
  /** The agent asks the user and waits: the task is `waiting` until the answer. The id is that of the tool call. */
  z.strictObject({ type: z.literal("question.asked"), questionId: QuestionId, ...Question.shape }),
  /** The work was committed and is in the task's repository. `commit` is null when nothing changed. */
  z.strictObject({
    type: z.literal("branch.pushed"),
    branch: BranchName,
    commit: CommitId.nullable(),
  }),
  /** The whole work tree was committed and pushed. `isFinal` for the one at a turn's end. */
  z.strictObject({
    type: z.literal("checkpoint.saved"),
    turn: TurnNumber,
    commit: CommitId,
    isFinal: z.boolean(),
  }),
  z.strictObject({ type: z.literal("turn.finished"), title: z.string(), summary: z.string() }),
  z.strictObject({ type: z.literal("turn.failed"), failure: Failure }),
  /** The turn was stopped, as a person asked; what was done until then is kept. */
  z.strictObject({ type: z.literal("turn.stopped") }),
]);
export type WorkerEvent = z.infer<typeof WorkerEvent>;

/** What only the coordinator may say. */
export const CoordinatorEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("task.created"),
    repository: z.string(),
    prompt: z.string(),
    model: ModelId,
    baseBranch: BranchName.nullable(),
    branch: BranchName,
    /** The task and the turn whose end this one starts from; null for one that starts from the repository. */
    forkedFrom: ForkPoint.nullable(),
  }),
  /**
   * A turn waits for its place. Its text opens the turn's part of the conversation. A `retry` runs the turn of that
   * number again: what its earlier run said and did is out of the conversation and of the work tree.
   */
  z.strictObject({
    type: z.literal("turn.started"),
    turn: TurnNumber,
    messageId: z.string(),
    text: z.string(),
    isRetry: z.boolean(),
    attachments,
  }),
  z.strictObject({
    type: z.literal("state.changed"),
    from: TaskState,
    to: TaskState,
    failure: Failure.nullable(),
  }),
  /** Somebody wants the turn, or with `cancel` the task, to end. The change of state follows. */
  z.strictObject({ type: z.literal("turn.stopping"), how: z.enum(["stop", "cancel"]) }),
  z.strictObject({ type: z.literal("attempt.started"), attempt: z.int().min(1), sandbox: z.string() }),
  z.strictObject({
    type: z.literal("attempt.ended"),
    attempt: z.int().min(1),
    exitCode: z.int().nullable(),
    sandboxRemoved: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("repository.ready"),
    baseBranch: BranchName,
    commit: CommitId,
    durationMs,
  }),
  /** The repository's own setup script runs, before the agent does. */
  z.strictObject({ type: z.literal("setup.started"), path: z.string() }),
  z.strictObject({
    type: z.literal("setup.finished"),
    exitCode: z.int(),
    /** The outcome of an earlier run was taken. */
    isCached: z.boolean(),
    /** The last lines that it printed, without the secrets. */
    tail: z.string(),
    durationMs,
  }),
  /** The sandbox of that attempt rested after a turn and takes the next one. */
  z.strictObject({ type: z.literal("attempt.resumed"), attempt: z.int().min(1), turn: TurnNumber }),
  /**
   * A new sandbox goes on with a turn, and its files are older than the last finished tool calls: those named may have
   * to be done again. The agent is told so.
   */
  z.strictObject({
    type: z.literal("files.restored"),
    commit: CommitId.nullable(),
    /** What was done since, as people see it, the oldest first. */
    lost: z.array(z.string()),
  }),
  /** A person's message was taken and waits for the worker, behind those that wait already. */
  z.strictObject({ type: z.literal("message.queued"), messageId: z.string(), text: z.string(), attachments }),
  z.strictObject({ type: z.literal("message.edited"), messageId: z.string(), text: z.string() }),
  z.strictObject({ type: z.literal("message.withdrawn"), messageId: z.string() }),
  /** The messages that wait, in the order in which the agent will get them. */
  z.strictObject({ type: z.literal("messages.reordered"), messageIds: z.array(z.string()) }),
  /** A message that waited is delivered: it is part of the conversation from here on. */
  z.strictObject({ type: z.literal("user.message"), messageId: z.string(), text: z.string(), attachments }),
  /** `answerId` names the answer, so that the same one that is sent again is known. */
  z.strictObject({
    type: z.literal("question.answered"),
    questionId: QuestionId,
    answer: z.string(),
    answerId: z.string(),
  }),
  /** Nobody will answer it any more: its turn has ended. */
  z.strictObject({ type: z.literal("question.closed"), questionId: QuestionId }),
  /** The task waits in the queue for something that the machine lacks. */
  z.strictObject({ type: z.literal("task.delayed"), code: ErrorCode, message: z.string() }),
  /** Code and conversation are back at the end of that turn; 0 is the start of the task. */
  z.strictObject({ type: z.literal("task.rolled_back"), turn: z.int().min(0), commit: CommitId }),
  /** Repository, log file and artifacts of an archived task were removed after their time. */
  z.strictObject({ type: z.literal("task.removed"), freedBytes: z.int().min(0) }),
  /**
   * Tokens of one model call, counted by the gateway from the API's own answer. Of an answer that did not come to its
   * end the API has not told them all: `isEstimated` says that the rest was reckoned from the bytes.
   */
  z.strictObject({
    type: z.literal("model.used"),
    model: z.string(),
    usage: TokenUsage,
    /** In US dollars; null where the model's price is not known. */
    costUsd: z.number().min(0).nullable(),
    isEstimated: z.literal(true).optional(),
  }),
  /** The task's own limit from here on. */
  z.strictObject({ type: z.literal("budget.changed"), ...SpendingLimit.shape }),
  /** Four fifths of a limit are used up. */
  z.strictObject({ type: z.literal("budget.warned"), ...BudgetUse.shape }),
  /** A limit is used up: the agent's next model call waits until the limit is raised, or the turn is stopped. */
  z.strictObject({ type: z.literal("budget.reached"), ...BudgetUse.shape }),
  /** A person has looked at the commit and lets it be published although it changes what the forge's CI would run. */
  z.strictObject({ type: z.literal("approval.given"), kind: ApprovalKind, commit: CommitId }),
  /**
   * The sandbox wanted to reach a host and was not let. Once a host and turn at most, and for a bounded number of hosts.
   * With the rules `not_listed` and `port` the user can allow it.
   */
  z.strictObject({
    type: z.literal("egress.refused"),
    host: z.string().max(253),
    port: z.int().min(0).max(65_535),
    rule: EgressRule,
  }),
  /** The user has allowed the host for the task's repository. */
  z.strictObject({ type: z.literal("egress.allowed"), host: EgressHost }),
  z.strictObject({
    type: z.literal("branch.published"),
    branch: BranchName,
    commit: CommitId,
    filesChanged: z.int().min(0),
    insertions: z.int().min(0),
    deletions: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("pull_request.opened"),
    url: z.string(),
    number: z.int(),
    /** True when it was there already, for instance from an earlier try. */
    existed: z.boolean(),
  }),
  /** The forge says that somebody closed, merged or opened again the task's pull request. */
  z.strictObject({
    type: z.literal("pull_request.changed"),
    url: z.string(),
    state: z.enum(["open", "closed", "merged"]),
  }),
]);
export type CoordinatorEvent = z.infer<typeof CoordinatorEvent>;

export const EventBody = z.discriminatedUnion("type", [WorkerEvent, CoordinatorEvent]);
export type EventBody = z.infer<typeof EventBody>;

/** One numbered fact about a task. */
export const TaskEvent = z.strictObject({
  taskId: TaskId,
  seq: Seq,
  /** The attempt it belongs to; 0 for what happened outside any. */
  attempt: z.int().min(0),
  at: Timestamp,
  body: EventBody,
});
export type TaskEvent = z.infer<typeof TaskEvent>;

/**
 * `GET /api/tasks/{id}/events?after=&limit=`, or `?before=&limit=` for the page that ends just before a seq; in either
 * case in the order of the log. `gap`: the log does not reach to `after`, so the client forgets what it has.
 */
export const EventPage = z.strictObject({
  status: z.enum(["ok", "gap"]),
  events: z.array(TaskEvent),
  /** The highest seq of the task: there is more to fetch while it is above the last event's. */
  lastSeq: z.int().min(0),
});
export type EventPage = z.infer<typeof EventPage>;

/** A piece of an answer while it streams. Shown live, never stored: the finished message is the durable event. */
export const Delta = z.strictObject({
  /** Message the piece belongs to; the same id comes back in `assistant.message`. */
  messageId: z.string(),
  /** Index of the content block in the message. */
  index: z.int().min(0),
  kind: z.enum(["text", "thinking", "tool_input"]),
  text: z.string(),
});
export type Delta = z.infer<typeof Delta>;
