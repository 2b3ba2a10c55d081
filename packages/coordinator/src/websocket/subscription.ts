import type { ServerFrame, TaskEvent } from "@farhand/protocol";
import type { LiveAnswers } from "../domain/live-answers.ts";
import type { EventLog } from "../domain/store.ts";
import type { Outlet } from "./outlet.ts";

/** Something that a client follows. Ends once; after that nothing is sent for it. */
export interface Subscription {
  end(): void;
}

const PAGE_SIZE = 200;
/** A batch goes out once it is so long, in characters: a reader who is slow is to notice it between two of them. */
const BATCH_LENGTH = 256 * 1024;

/**
 * Replays the log after a cursor and then follows it. The cursor is the only state: an event is sent at once when
 * it is the next one and nothing is in the way, and read from the log otherwise, so there is neither a hole nor
 * a double between replay and live. An answer that is being given is told whole first, and again whenever a piece of it
 * was left out.
 */
export function createSubscription(options: {
  taskId: string;
  after: number;
  /** What is replayed goes out in batches. */
  isBatched: boolean;
  log: Pick<EventLog, "read" | "follow">;
  deltas: Pick<LiveAnswers, "follow" | "soFar">;
  outlet: Outlet;
  onError: (error: unknown) => void;
}): Subscription {
  const { taskId, log, outlet } = options;
  let cursor = options.after;
  let ended = false;
  let reading = false;
  let behind = true;
  let knowsAnswer = false;

  async function readLog(): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      while (behind && !ended) {
        behind = false;
        const { events } = await log.read(taskId, cursor, PAGE_SIZE);
        for (const frame of options.isBatched ? batchesOf(events) : singly(events)) {
          if (ended) return;
          outlet.sendText(frame.text);
          cursor = frame.lastSeq;
          await outlet.room();
        }
        if (events.length === PAGE_SIZE) behind = true;
      }
    } finally {
      reading = false;
    }
    if (!ended && !knowsAnswer) tellAnswer();
  }

  /** From here on each piece follows the one before. */
  function tellAnswer(): void {
    const blocks = outlet.isFull ? null : options.deltas.soFar(taskId);
    if (blocks === null) return;
    for (const delta of blocks) outlet.send({ type: "delta", taskId, delta, isWhole: true });
    knowsAnswer = true;
  }

  function catchUp(): void {
    behind = true;
    readLog().catch((error) => {
      options.onError(error);
      // With nobody to read on, the client would wait for ever: with a new connection it resumes.
      if (!ended) outlet.breakOff();
    });
  }

  const unfollowEvents = log.follow(taskId, (event) => {
    if (event.seq <= cursor) return;
    if (reading || event.seq !== cursor + 1 || outlet.isFull) return catchUp();
    outlet.sendText(textOf(event));
    cursor = event.seq;
  });
  const unfollowDeltas = options.deltas.follow(taskId, (delta) => {
    // Behind the log, or too slow, nobody needs pieces: the finished message follows, or else the whole so far.
    if (reading || outlet.isFull) knowsAnswer = false;
    else if (knowsAnswer) outlet.send({ type: "delta", taskId, delta });
    else tellAnswer();
  });
  catchUp();

  return {
    end() {
      ended = true;
      unfollowEvents();
      unfollowDeltas();
    },
  };
}

interface Replayed {
  text: string;
  lastSeq: number;
}

function* singly(events: readonly TaskEvent[]): Generator<Replayed> {
  for (const event of events) yield { text: textOf(event), lastSeq: event.seq };
}

function* batchesOf(events: readonly TaskEvent[]): Generator<Replayed> {
  let batch: string[] = [];
  let length = 0;
  for (const [index, event] of events.entries()) {
    const text = JSON.stringify(event);
    batch.push(text);
    length += text.length;
    if (length < BATCH_LENGTH && index < events.length - 1) continue;
    yield { text: `{"type":"events","events":[${batch.join(",")}]}`, lastSeq: event.seq };
    batch = [];
    length = 0;
  }
}

/** Live events go to every follower as the same object, so each is written once. */
const written = new WeakMap<TaskEvent, string>();

function textOf(event: TaskEvent): string {
  const known = written.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify({ type: "event", event } satisfies ServerFrame);
  written.set(event, text);
  return text;
}
