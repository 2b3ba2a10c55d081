import type { Delta, EventPage, TaskEvent } from "@farhand/protocol";
import { isLost } from "./api-error.ts";
import { type ConnectionItem, type ConnectionSource, connected, type Link } from "./connection.ts";

export type FollowItem =
  | { type: "event"; event: TaskEvent }
  /** Live only. `isWhole`: all of the block so far, also what streamed while no connection was up. */
  | { type: "delta"; delta: Delta; isWhole?: true }
  | ConnectionItem
  /** The coordinator's log does not reach to where this side was: forget it all, seq 1 comes next. */
  | { type: "reset" };

export interface FollowOptions {
  /** The last seq that is known already; 0, the default, for none. */
  after?: number;
  signal?: AbortSignal;
}

/** What following needs beside the task. */
export interface FollowSource extends ConnectionSource {
  events(taskId: string, page: { after: number; limit: number }, signal?: AbortSignal): Promise<EventPage>;
}

/** Where the reader is: the last seq that was given out. Outlives the connections. */
interface Cursor {
  seq: number;
}

const REFETCH_PAGE = 500;

/** See `Client.follow`. */
export function follow(
  source: FollowSource,
  taskId: string,
  options: FollowOptions = {},
): AsyncGenerator<FollowItem, void, void> {
  const cursor: Cursor = { seq: options.after ?? 0 };
  return connected(source, options.signal, (link) => session(source, link, taskId, cursor));
}

/** One connection's items. Returns when it is worth connecting again. */
async function* session(
  source: FollowSource,
  link: Link,
  taskId: string,
  cursor: Cursor,
): AsyncGenerator<FollowItem, void, void> {
  // Between a `subscribe` and its `subscribed`, frames of the subscription before it may still arrive.
  let subscribed = false;
  let refetched = false;
  let holeAfter: number | null = null;
  const subscribe = () => {
    subscribed = false;
    link.send({ type: "subscribe", taskId, after: cursor.seq });
  };

  for await (const frame of link.frames()) {
    switch (frame.type) {
      case "welcome":
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
        if (!(yield* refetch(source, link, taskId, cursor))) return;
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
        link.progressed();
        yield { type: "event", event };
        break;
      }
      case "delta":
        if (subscribed && frame.taskId === taskId) {
          const { delta, isWhole } = frame;
          yield { type: "delta", delta, ...(isWhole ? { isWhole } : {}) };
        }
        break;
    }
  }
}

/** Gives out the whole log over REST. False when the connection was lost meanwhile. */
async function* refetch(
  source: FollowSource,
  link: Link,
  taskId: string,
  cursor: Cursor,
): AsyncGenerator<FollowItem, boolean, void> {
  for (;;) {
    let page: EventPage;
    try {
      page = await source.events(taskId, { after: cursor.seq, limit: REFETCH_PAGE }, link.signal);
    } catch (error) {
      if (isLost(error, link.signal)) return false;
      throw error;
    }
    // The log became shorter even while it was read: the next connection begins at its start.
    if (page.status === "gap") return false;
    for (const event of page.events) {
      if (event.seq !== cursor.seq + 1) return false;
      cursor.seq = event.seq;
      yield { type: "event", event };
    }
    if (page.events.length === 0 || cursor.seq >= page.lastSeq) return true;
  }
}
