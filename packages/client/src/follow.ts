import {
  CloseCode,
  type Delta,
  type EventPage,
  PROTOCOL_VERSION,
  type Problem,
  type TaskEvent,
} from "@farhand/protocol";
import { ApiError, problem, UnreachableError } from "./api-error.ts";
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from "./backoff.ts";
import { FrameSocket } from "./frame-socket.ts";

export type FollowItem =
  | { type: "event"; event: TaskEvent }
  /** Live only: what streamed while no connection was up is in the finished message's event. */
  | { type: "delta"; delta: Delta }
  | { type: "connection"; status: "connecting" | "live" }
  | { type: "connection"; status: "lost"; retryInMs: number }
  /** The coordinator's log does not reach to where this side was: forget it all, seq 1 comes next. */
  | { type: "reset" };

export interface FollowOptions {
  /** The last seq that is known already; 0, the default, for none. */
  after?: number;
  signal?: AbortSignal;
}

/** What following needs beside the task. */
export interface FollowSource {
  baseUrl: string;
  token: string;
  backoff?: Backoff;
  pingIntervalMs?: number;
  events(taskId: string, page: { after: number; limit: number }, signal?: AbortSignal): Promise<EventPage>;
}

/** Where the reader is; outlives the connections. */
interface Cursor {
  /** Last seq that was given out. */
  seq: number;
  /** Connections in a row that brought nothing. */
  failures: number;
}

const DEFAULT_PING_INTERVAL_MS = 20_000;
const REFETCH_PAGE = 500;

/** See `Client.follow`. */
export async function* follow(
  source: FollowSource,
  taskId: string,
  options: FollowOptions = {},
): AsyncGenerator<FollowItem, void, void> {
  const { after = 0, signal } = options;
  const cursor: Cursor = { seq: after, failures: 0 };
  const url = `${source.baseUrl.replace(/^http/, "ws")}/api/ws`;
  while (!signal?.aborted) {
    yield { type: "connection", status: "connecting" };
    if (signal?.aborted) return;
    using socket = new FrameSocket(url, source.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS);
    const hangUp = () => socket[Symbol.dispose]();
    signal?.addEventListener("abort", hangUp, { once: true });
    try {
      yield* session(source, socket, taskId, cursor, signal);
    } finally {
      signal?.removeEventListener("abort", hangUp);
    }
    if (signal?.aborted) return;
    const retryInMs = backoffMs(cursor.failures, source.backoff ?? DEFAULT_BACKOFF, Math.random());
    cursor.failures += 1;
    yield { type: "connection", status: "lost", retryInMs };
    await pause(retryInMs, signal);
  }
}

/** One connection's items. Returns when it is worth connecting again, throws when it is not. */
async function* session(
  source: FollowSource,
  socket: FrameSocket,
  taskId: string,
  cursor: Cursor,
  signal: AbortSignal | undefined,
): AsyncGenerator<FollowItem, void, void> {
  // Between a `subscribe` and its `subscribed`, frames of the subscription before it may still arrive.
  let subscribed = false;
  let refetched = false;
  let holeAfter: number | null = null;
  const subscribe = () => {
    subscribed = false;
    socket.send({ type: "subscribe", taskId, after: cursor.seq });
  };

  for (;;) {
    const item = await socket.next();
    if (signal?.aborted) return;
    if (item.type === "closed") {
      const refusal = refusalOf(item.code);
      if (refusal) throw new ApiError(refusal);
      return;
    }
    if (item.type === "open") {
      socket.send({ type: "hello", protocol: PROTOCOL_VERSION, token: source.token });
      continue;
    }
    const { frame } = item;
    switch (frame.type) {
      case "welcome":
        if (frame.protocol !== PROTOCOL_VERSION) throw new ApiError(otherVersion(frame.protocol));
        subscribe();
        break;
      case "subscribed":
        if (frame.taskId !== taskId) break;
        if (frame.status === "ok") {
          subscribed = true;
          yield { type: "connection", status: "live" };
          break;
        }
        if (refetched) return;
        refetched = true;
        yield { type: "reset" };
        cursor.seq = 0;
        if (!(yield* refetch(source, taskId, cursor, signal))) return;
        subscribe();
        break;
      case "event": {
        const { event } = frame;
        if (!subscribed || event.taskId !== taskId || event.seq <= cursor.seq) break;
        if (event.seq > cursor.seq + 1) {
          // Asking once is fair; the same hole again means that only a new connection can help.
          if (holeAfter === cursor.seq) return;
          holeAfter = cursor.seq;
          subscribe();
          break;
        }
        cursor.seq = event.seq;
        cursor.failures = 0;
        yield { type: "event", event };
        break;
      }
      case "delta":
        if (subscribed && frame.taskId === taskId) yield { type: "delta", delta: frame.delta };
        break;
      case "pong":
        cursor.failures = 0;
        break;
      case "error":
        if (!mayPass(frame.problem.status)) throw new ApiError(frame.problem);
        return;
    }
  }
}

/** Gives out the whole log over REST. False when the connection was lost meanwhile. */
async function* refetch(
  source: FollowSource,
  taskId: string,
  cursor: Cursor,
  signal: AbortSignal | undefined,
): AsyncGenerator<FollowItem, boolean, void> {
  for (;;) {
    let page: EventPage;
    try {
      page = await source.events(taskId, { after: cursor.seq, limit: REFETCH_PAGE }, signal);
    } catch (error) {
      if (signal?.aborted || error instanceof UnreachableError) return false;
      if (error instanceof ApiError && mayPass(error.status)) return false;
      throw error;
    }
    for (const event of page.events) {
      if (event.seq !== cursor.seq + 1) return false;
      cursor.seq = event.seq;
      yield { type: "event", event };
    }
    if (page.events.length === 0 || cursor.seq >= page.lastSeq) return true;
  }
}

/** Whether a later try may succeed: the server's own trouble, a time-out, or too many requests. */
function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** Why it is no use to connect again after such a close, or null where it is. */
function refusalOf(closeCode: number): Problem | null {
  switch (closeCode) {
    case CloseCode.unauthorized:
      return problem(
        401,
        "unauthorized",
        "The coordinator does not accept this token.",
        "Use the token in the coordinator's data folder (`owner.token`).",
      );
    case CloseCode.unsupportedProtocol:
      return otherVersion(null);
    case CloseCode.badFrame:
      return problem(
        400,
        "invalid_request",
        "The coordinator did not understand this client.",
        "Bring the client and the coordinator to the same version.",
      );
    default:
      return null;
  }
}

function otherVersion(theirs: number | null): Problem {
  const what = theirs === null ? "another version of the protocol" : `version ${theirs} of the protocol`;
  return problem(
    426,
    "unsupported_protocol",
    `The coordinator speaks ${what}; this client speaks version ${PROTOCOL_VERSION}.`,
    "Bring the client and the coordinator to the same version.",
  );
}

/** Ends early, without an error, when the signal aborts. */
function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal?.addEventListener("abort", end, { once: true });
  });
}
