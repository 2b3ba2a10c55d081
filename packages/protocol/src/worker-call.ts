import { z } from "zod";
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
  /** GET → {@link Assignment}; held open until the repository is ready. */
  assignment: "/farhand/v1/assignment",
  /**
   * POST {@link EventBatch} → {@link EventAck}; 410 `stale_attempt` when a newer attempt has taken over; 409
   * `event_gap` when events before the batch are missing: the {@link ACKNOWLEDGED_HEADER} of that answer holds
   * the number to go on after, so resend from there.
   */
  events: "/farhand/v1/events",
  /** POST {@link DeltaBatch} → 204. */
  deltas: "/farhand/v1/deltas",
  /** GET `?after=<n>` → {@link InboxPage}; held open up to {@link INBOX_HOLD_MS} while there is nothing. */
  inbox: "/farhand/v1/inbox",
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
export const MODEL_BODY_MAX_BYTES = 32 * 1024 * 1024;

/** How long the gateway holds an inbox request open before it answers with an empty page. */
export const INBOX_HOLD_MS = 25_000;

/** All that a worker is told about its task. There is no secret in it. */
export const Assignment = z.strictObject({
  protocol: z.int(),
  taskId: TaskId,
  attempt: z.int().min(1),
  turn: z.int().min(1),
  repository: z.string(),
  model: ModelId,
  /** The conversation so far; empty at the first attempt. */
  messages: z.array(Message),
  /** The user's message that opens this turn; null when an earlier attempt has put it into `messages`. */
  prompt: z.string().nullable(),
  baseBranch: BranchName,
  baseCommit: CommitId,
  branch: BranchName,
  /** Author and committer of the worker's own commits. */
  author: z.strictObject({ name: z.string(), email: z.string() }),
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

/** What people want of a running worker, numbered within the task. */
export const InboxItem = z.discriminatedUnion("type", [
  /** Goes into the conversation before the next model call. */
  z.strictObject({ n: z.int().min(1), type: z.literal("message"), messageId: z.string(), text: z.string() }),
  /** Stop now: end tools, make no more calls, exit. */
  z.strictObject({ n: z.int().min(1), type: z.literal("cancel") }),
]);
export type InboxItem = z.infer<typeof InboxItem>;
export const InboxPage = z.strictObject({ items: z.array(InboxItem) });
export type InboxPage = z.infer<typeof InboxPage>;

/** Exit codes of the worker binary. */
export const WorkerExit = {
  /** `turn.finished` or `turn.failed` is in the log. */
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
