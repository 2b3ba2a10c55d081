import { z } from "zod";
import { Attachment } from "./attachment.ts";
import { Delta, WorkerEvent } from "./event.ts";
import { Message } from "./message.ts";
import { BranchName, CommitId, ModelId, SeqCursor, TaskId, Timestamp } from "./scalars.ts";

/**
 * The calls between a worker and the gateway, over HTTP on the task's unix socket. Each carries
 * `authorization: Bearer <attempt token>` and the protocol header. Nothing else exists on that socket but the
 * model routes (`POST /v1/messages`, `POST /v1/messages/count_tokens`, `GET /v1/models`) and the task's own
 * git repository under `/git/`. The `host` header must be loopback or a name without a dot (such as `gateway`):
 * another host's name means that the gateway was taken for a proxy, which is refused.
 */
export const WorkerRoutes = {
  /**
   * GET `?after=<turn>` → {@link Assignment} of a later turn; held open until there is one and the repository is
   * ready. 0 before the first. A worker whose turn has ended asks here for the next, and rests meanwhile: until the
   * answer, its token opens this route and `events` alone.
   */
  assignment: "/farhand/v1/assignment",
  /**
   * POST {@link EventBatch} → {@link EventAck}; 410 `stale_attempt` when a newer attempt has taken over; 409
   * `event_gap` when events before the batch are missing: the {@link ACKNOWLEDGED_HEADER} of that answer holds
   * the number to go on after, so resend from there.
   */
  events: "/farhand/v1/events",
  /** POST {@link DeltaBatch} → 204. */
  deltas: "/farhand/v1/deltas",
  /**
   * GET `?after=<n>` → {@link InboxPage}; held open up to {@link INBOX_HOLD_MS} while there is nothing. `after` is the
   * `n` of the last item seen, or the assignment's `inboxAfter`.
   */
  inbox: "/farhand/v1/inbox",
  /**
   * POST {@link TakeMessages} → {@link TakenMessages}: delivers every message that waits, into the log and to the
   * worker. Repeating it is safe. Whatever was reported before must be acknowledged first, since the log's order is
   * the conversation's.
   */
  messages: "/farhand/v1/messages",
  /**
   * GET `?question=<id>` → {@link QuestionOutcome}; held open up to {@link INBOX_HOLD_MS} while it is open. One whose
   * asking the log does not have yet is `open`: flush first.
   */
  answer: "/farhand/v1/answer",
  /** GET `?id=<id>` → the bytes of an attachment that an event of the task names, whole; 404 for any other. */
  attachment: "/farhand/v1/attachment",
  /**
   * PUT `?call=<id of the tool call>`, the body a text in UTF-8 of at most {@link OUTPUT_MAX_BYTES} → 204, once it is
   * kept; 413 when the server has no room for it. The first text of a call stays.
   */
  output: "/farhand/v1/output",
  /** Prefix of the task's bare repository: `git clone http://…/git/task.git`. */
  git: "/git/task.git",
} as const;

/**
 * Response header of a 409 `event_gap`: the highest `n` that the log holds without a gap, in decimal (0 when it
 * holds none). The worker resends from that number plus one.
 */
export const ACKNOWLEDGED_HEADER = "x-farhand-acknowledged";

/** Largest bodies that the gateway reads from a worker; anything above is answered with 413. */
export const EVENTS_BODY_MAX_BYTES = 8 * 1024 * 1024;
export const DELTAS_BODY_MAX_BYTES = 1024 * 1024;
export const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
export const MODEL_BODY_MAX_BYTES = 32 * 1024 * 1024;

/** How long the gateway holds an inbox request open before it answers with an empty page. */
export const INBOX_HOLD_MS = 25_000;

/** All that a worker is told about its task. There is no secret in it but those of `environment`. */
export const Assignment = z.strictObject({
  protocol: z.int(),
  taskId: TaskId,
  attempt: z.int().min(1),
  turn: z.int().min(1),
  repository: z.string(),
  model: ModelId,
  /**
   * The conversation so far, the turn's opening message included. It is valid as it stands but for an
   * {@link AttachmentBlock} for each attachment, which the worker replaces.
   */
  messages: z.array(Message),
  baseBranch: BranchName,
  baseCommit: CommitId,
  branch: BranchName,
  /**
   * The checkpoint whose files the work tree is to hold, under {@link RESTORE_REF} in the task's repository; null for
   * those of the branch or, before the first push, of the base. A worker that has done the turn before keeps its tree.
   */
  restore: CommitId.nullable(),
  /** Where the inbox of this turn begins. */
  inboxAfter: z.int().min(0),
  /** Number of the last delivered message in `messages`. */
  deliveredThrough: z.int().min(0),
  /** Author and committer of the worker's own commits. */
  author: z.strictObject({ name: z.string(), email: z.string() }),
  /**
   * Variables for the agent's shell: those of the repository's secrets that the user has switched on for the agent,
   * and no other secret. The agent sees them, and so does the model.
   */
  environment: z.record(z.string(), z.string()),
  limits: z.strictObject({
    /** Most tokens of one answer. */
    maxOutputTokens: z.int().min(1),
    /** Most model calls in one turn. */
    maxModelCalls: z.int().min(1),
    /** Longest that one tool call may take. */
    toolTimeoutMs: z.int().min(1),
    /** Most bytes of one tool's output that the model is given. */
    toolOutputBytes: z.int().min(1),
    /** How often a failed model call is tried again. */
    modelRetries: z.int().min(0),
    /** While files change, a checkpoint is made this often. */
    checkpointMs: z.int().min(1),
  }),
});
export type Assignment = z.infer<typeof Assignment>;

/** Events numbered by the worker: `n` = 1, 2, 3 … within the attempt. */
export const NumberedWorkerEvent = z.strictObject({ n: z.int().min(1), at: Timestamp, event: WorkerEvent });
export type NumberedWorkerEvent = z.infer<typeof NumberedWorkerEvent>;
export const EventBatch = z.strictObject({ events: z.array(NumberedWorkerEvent).min(1).max(500) });
export type EventBatch = z.infer<typeof EventBatch>;

/** The highest `n` up to which the log holds every event of this attempt. */
export const EventAck = z.strictObject({ acknowledged: SeqCursor });
export type EventAck = z.infer<typeof EventAck>;

export const DeltaBatch = z.strictObject({ deltas: z.array(Delta).min(1).max(1000) });
export type DeltaBatch = z.infer<typeof DeltaBatch>;

/** What is wanted of a running worker, numbered within the task. */
export const InboxItem = z.discriminatedUnion("type", [
  /** Messages wait: take them before the next model call. */
  z.strictObject({ n: z.int().min(1), type: z.literal("messages") }),
  /** End the turn now: stop tools, make no more calls, keep the work, report `turn.stopped`. */
  z.strictObject({ n: z.int().min(1), type: z.literal("stop") }),
  /** The same, and then exit. */
  z.strictObject({ n: z.int().min(1), type: z.literal("cancel") }),
]);
export type InboxItem = z.infer<typeof InboxItem>;
export const InboxPage = z.strictObject({ items: z.array(InboxItem) });
export type InboxPage = z.infer<typeof InboxPage>;

/** Deliver what waits, and give every message of this turn with a number above `after`. */
export const TakeMessages = z.strictObject({ after: z.int().min(0) });
export type TakeMessages = z.infer<typeof TakeMessages>;
export const TakenMessages = z.strictObject({
  /** In the order of delivery; `n` numbers the delivered messages of the task 1, 2, 3 … */
  messages: z.array(
    z.strictObject({
      n: z.int().min(1),
      messageId: z.string(),
      text: z.string(),
      attachments: z.array(Attachment).optional(),
    }),
  ),
});
export type TakenMessages = z.infer<typeof TakenMessages>;

/** Refs of a task's repository that hold checkpoints. A worker may force them; nothing else is ever forced. */
export const LIVE_REF = "refs/farhand/live";
export const turnRef = (turn: number): string => `refs/farhand/turns/${turn}`;
/** The coordinator's own: the checkpoint that the next worker begins with. */
export const RESTORE_REF = "refs/farhand/restore";

/** Exit codes of the worker binary. */
export const WorkerExit = {
  /** The turn's end is in the log, and there is no further turn. */
  done: 0,
  /** A bug or an unusable machine: standard error says why. */
  crashed: 1,
  /** The gateway speaks another protocol version. */
  unsupportedProtocol: 3,
  /** The gateway said that a newer attempt has taken over. */
  stale: 4,
  cancelled: 5,
} as const;

/** Environment variables that a sandbox driver gives a worker. */
export const WorkerEnv = {
  /** Path of the gateway's unix socket. */
  socket: "FARHAND_GATEWAY_SOCKET",
  /** The attempt token: good for this attempt's socket alone, worthless anywhere else. */
  token: "FARHAND_ATTEMPT_TOKEN",
  /** An existing, empty, writable folder for the clone, the spool and the agent's home. */
  workspace: "FARHAND_WORKSPACE",
} as const;
