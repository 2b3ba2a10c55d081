import { z } from "zod";
import { Problem } from "./error.ts";
import { Delta, TaskEvent } from "./event.ts";
import { DeviceId } from "./notification.ts";
import { SeqCursor, TaskId } from "./scalars.ts";
import { Task } from "./task.ts";

/** Frames from a client over `/api/ws`. The first one must be `hello`. */
export const ClientFrame = z.discriminatedUnion("type", [
  /** The token is empty for a web page, which cannot read its browser's cookie: the connection came with it. */
  z.strictObject({ type: z.literal("hello"), protocol: z.int(), token: z.string() }),
  /**
   * Replay everything after `after`, then follow live. With `batched`, what is replayed comes as `events`: a long log in a
   * tenth of the time, where each frame costs its reader more than what is in it.
   */
  z.strictObject({
    type: z.literal("subscribe"),
    taskId: TaskId,
    after: SeqCursor,
    batched: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("unsubscribe"), taskId: TaskId }),
  /** Follow the list of tasks: after the answer, fetch the list, and every change since comes as a `task`. */
  z.strictObject({ type: z.literal("subscribe_tasks") }),
  z.strictObject({ type: z.literal("unsubscribe_tasks") }),
  /**
   * The task that is in front on this device, or null for none: nothing of it is notified there until another frame says
   * otherwise or the connection ends. Without a device, it holds for those that the same sign-in has added.
   */
  z.strictObject({
    type: z.literal("looking"),
    taskId: TaskId.nullable(),
    deviceId: DeviceId.optional(),
  }),
  z.strictObject({ type: z.literal("ping") }),
]);
export type ClientFrame = z.infer<typeof ClientFrame>;

/** Frames from the coordinator. */
export const ServerFrame = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("welcome"), protocol: z.int() }),
  /** `gap`: the log does not reach to `after`; the client refetches the task from the start. */
  z.strictObject({
    type: z.literal("subscribed"),
    taskId: TaskId,
    status: z.enum(["ok", "gap"]),
    lastSeq: SeqCursor,
  }),
  z.strictObject({ type: z.literal("event"), event: TaskEvent }),
  /** Events of one task in their order, for those that have asked for them in batches. */
  z.strictObject({ type: z.literal("events"), events: z.array(TaskEvent).min(1) }),
  /**
   * A piece of the answer that is being given. `isWhole`: all of its block so far, in place of what was heard of it. Whoever
   * begins to follow in the middle of an answer gets one for each block first, and after a hole so does everybody.
   */
  z.strictObject({
    type: z.literal("delta"),
    taskId: TaskId,
    delta: Delta,
    isWhole: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("subscribed_tasks") }),
  /** A task as it is now, because something about it has changed, or because it is new. */
  z.strictObject({ type: z.literal("task"), task: Task }),
  /** Sent while nothing else is: a connection without one for `HEARTBEAT_MS` times three is dead. */
  z.strictObject({ type: z.literal("heartbeat") }),
  z.strictObject({ type: z.literal("pong") }),
  z.strictObject({ type: z.literal("error"), problem: Problem }),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
