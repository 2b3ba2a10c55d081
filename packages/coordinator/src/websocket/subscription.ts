import type { Delta, ServerFrame } from "@farhand/protocol";
import type { EventLog } from "../domain/store.ts";
import type { Topic } from "../domain/topic.ts";

/** One client's place in one task's log. */
export interface Subscription {
  /** The connection has room again. */
  drained(): void;
  end(): void;
}

const PAGE_SIZE = 200;
/** Above this many unsent bytes the log is not read further until the connection has drained. */
const PAUSE_BYTES = 1024 * 1024;
/** A connection that does not drain for this long is cut off. */
const SLOW_TIMEOUT_MS = 15_000;

/**
 * Replays the log after a cursor and then follows it. The cursor is the only state: an event is sent at once when
 * it is the next one and nothing is in the way, and read from the log otherwise, so there is neither a hole nor
 * a double between replay and live.
 */
export function createSubscription(options: {
  taskId: string;
  after: number;
  log: EventLog;
  deltas: Topic<Delta>;
  send: (frame: ServerFrame) => void;
  backlogBytes: () => number;
  onSlow: () => void;
  onError: (error: unknown) => void;
}): Subscription {
  const { taskId, log } = options;
  let cursor = options.after;
  let ended = false;
  let reading = false;
  let behind = true;
  let drain: (() => void) | null = null;

  const isFull = () => options.backlogBytes() > PAUSE_BYTES;

  async function readLog(): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      while (behind && !ended) {
        behind = false;
        const { events } = await log.read(taskId, cursor, PAGE_SIZE);
        for (const event of events) {
          if (ended) return;
          options.send({ type: "event", event });
          cursor = event.seq;
          if (isFull()) await drained();
        }
        if (events.length === PAGE_SIZE) behind = true;
      }
    } finally {
      reading = false;
    }
  }

  function drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      options.onSlow();
      resolve();
    }, SLOW_TIMEOUT_MS);
    drain = () => {
      clearTimeout(timer);
      drain = null;
      resolve();
    };
    return promise;
  }

  function catchUp(): void {
    behind = true;
    readLog().catch(options.onError);
  }

  const unfollowEvents = log.follow(taskId, (event) => {
    if (event.seq <= cursor) return;
    if (reading || event.seq !== cursor + 1 || isFull()) return catchUp();
    options.send({ type: "event", event });
    cursor = event.seq;
  });
  const unfollowDeltas = options.deltas.follow(taskId, (delta) => {
    // A piece that comes late is worth nothing: the finished message follows.
    if (!reading && !isFull()) options.send({ type: "delta", taskId, delta });
  });
  catchUp();

  return {
    drained: () => drain?.(),
    end() {
      ended = true;
      unfollowEvents();
      unfollowDeltas();
      drain?.();
    },
  };
}
