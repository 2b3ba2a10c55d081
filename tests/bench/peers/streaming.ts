import type { Page } from "playwright-core";
import { doneText, type Order } from "../app/orders.ts";
import { drawn, type Frames, framesDuring, held } from "../app/page.ts";
import { Late, within } from "../within.ts";
import type { Stream, Subject } from "./subject.ts";

const MIB = 1024 ** 2;

/** A page that looks at a session whose agent obeys orders. */
async function watch(subject: Subject) {
  const stack = new AsyncDisposableStack();
  const context = stack.use(await subject.device());
  const page = await context.newPage();
  const stream = stack.use(await subject.openStream(page));
  return { page, stream, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A page that has not drawn the end so long after the last update will not. */
const END_PATIENCE_MS = 60_000;
/** An agent that is given an order has begun with it by then. */
const BEGIN_MS = 2_000;

const lastsMs = ({ updates = 0, perSecond = 60 }: Order): number => (updates / perSecond) * 1_000;

/** Whether the page has drawn the end of a stream, or how long it was waited for. */
export type End = { isDrawn: true } | { isDrawn: false; waitedSeconds: number };

/** As the table says it: `yes`, or in how many streams not. */
export function endsOf(streams: readonly { end: End }[]): string {
  const missed = streams.map(({ end }) => end).filter((end) => !end.isDrawn);
  const [first] = missed;
  if (!first) return "yes";
  const count = streams.length > 1 ? ` in ${missed.length} of ${streams.length}` : "";
  return `did not draw the end within ${first.waitedSeconds} s${count}`;
}

async function play(page: Page, stream: Stream, order: Order, subject: Subject): Promise<End> {
  const patienceMs = lastsMs(order) + END_PATIENCE_MS;
  // It may end before the agent is told that all is sent.
  const end = drawn(page, subject.said, doneText(order.id), { seldom: true, patienceMs }).then(
    (): End => ({ isDrawn: true }),
    (error: unknown): End => {
      if (!(error instanceof Late)) throw error;
      return { isDrawn: false, waitedSeconds: patienceMs / 1_000 };
    },
  );
  await Promise.all([within(patienceMs, `giving ${subject.name} its order`, stream.give(order)), end]);
  return await end;
}

export interface Streamed extends Frames {
  end: End;
}

/**
 * The frames while 60 updates a second come: until the end is drawn, and not of the quiet time in which it is waited for
 * where it is not.
 */
export async function measureFrames(subject: Subject, order: Order): Promise<Streamed> {
  await using watched = await watch(subject);
  const { page, stream } = watched;
  const { promise: end, resolve } = Promise.withResolvers<End>();
  const frames = await framesDuring(page, async () => {
    const playing = play(page, stream, order, subject);
    resolve(playing);
    await Promise.race([playing, Bun.sleep(lastsMs(order) + BEGIN_MS)]);
  });
  return { ...frames, end: await end };
}

export interface Held {
  beforeMib: number;
  afterMib: number;
  nodesBefore: number;
  nodesAfter: number;
  end: End;
}

/** What the page holds before and after a stream. */
export async function measureHeld(subject: Subject, order: Order): Promise<Held> {
  await using watched = await watch(subject);
  const { page, stream } = watched;
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await held(session);
  const end = await play(page, stream, order, subject);
  const after = await held(session);
  return {
    beforeMib: before.heapBytes / MIB,
    afterMib: after.heapBytes / MIB,
    nodesBefore: before.nodes,
    nodesAfter: after.nodes,
    end,
  };
}
