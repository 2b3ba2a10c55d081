import type { Page } from "playwright-core";
import { doneText, type Order } from "../app/orders.ts";
import { drawn, type Frames, framesDuring, held } from "../app/page.ts";
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

/** @returns whether the page has drawn the end of it */
async function play(page: Page, stream: Stream, order: Order, subject: Subject): Promise<boolean> {
  const lastsMs = ((order.updates ?? 0) / (order.perSecond ?? 60)) * 1_000;
  // It may end before the agent is told that all is sent.
  const end = drawn(page, subject.said, doneText(order.id), {
    seldom: true,
    patienceMs: lastsMs + END_PATIENCE_MS,
  }).then(
    () => true,
    (error: unknown) => {
      if (!String(error).includes("never drawn")) throw error;
      return false;
    },
  );
  await Promise.all([stream.give(order), end]);
  return await end;
}

export interface Streamed extends Frames {
  isEndDrawn: boolean;
}

/** The frames while 60 updates a second come. */
export async function measureFrames(subject: Subject, order: Order): Promise<Streamed> {
  await using watched = await watch(subject);
  const { page, stream } = watched;
  let isEndDrawn = false;
  const frames = await framesDuring(page, async () => {
    isEndDrawn = await play(page, stream, order, subject);
  });
  return { ...frames, isEndDrawn };
}

export interface Held {
  beforeMib: number;
  afterMib: number;
  nodesBefore: number;
  nodesAfter: number;
  isEndDrawn: boolean;
}

/** What the page holds before and after a stream. */
export async function measureHeld(subject: Subject, order: Order): Promise<Held> {
  await using watched = await watch(subject);
  const { page, stream } = watched;
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await held(session);
  const isEndDrawn = await play(page, stream, order, subject);
  const after = await held(session);
  return {
    beforeMib: before.heapBytes / MIB,
    afterMib: after.heapBytes / MIB,
    nodesBefore: before.nodes,
    nodesAfter: after.nodes,
    isEndDrawn,
  };
}
