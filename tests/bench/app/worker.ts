/**
 * The agent of the benchmark: a worker that does what its orders say and asks no model. It speaks to the real gateway, as
 * fast as it is told, where the real one sends pieces at the pace of a model and never faster than 33 times a second.
 */
import type { Delta, WorkerEvent } from "@farhand/protocol";
import { Gateway } from "./gateway.ts";
import { doneText, type Order, orderIn } from "./orders.ts";
import { answer, longSpeech, messageId, piecesOf, step } from "./work.ts";

/** Pieces of an answer: a short one, and now and then a long one. */
const SHORT_PIECES = 60;
const LONG_PIECES = 480;
const LONG_EVERY = 20;

const gateway = new Gateway();
let steps = 0;

type Update = { delta: Delta } | { event: WorkerEvent };

/** Work as people see it under way: each answer in pieces, then whole, then its steps one by one. */
function* updates(): Generator<Update> {
  for (;;) {
    const n = ++steps;
    const text = longSpeech(n, n % LONG_EVERY === 1 ? LONG_PIECES : SHORT_PIECES);
    for (const piece of piecesOf(text))
      yield { delta: { messageId: messageId(n), index: 0, kind: "text", text: piece } };
    for (const event of step(n, text)) yield { event };
  }
}

/** Sends what is due by the clock. What is due at once goes in one call of its kind, in its order. */
async function stream(count: number, perSecond: number): Promise<void> {
  const source = updates();
  const startedMs = performance.now();
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedMs) / 1000) * perSecond) + 1);
    let deltas: Delta[] = [];
    let events: WorkerEvent[] = [];
    const flush = async () => {
      await gateway.stream(deltas);
      await gateway.report(events);
      deltas = [];
      events = [];
    };
    for (; sent < due; sent += 1) {
      const update = source.next().value as Update;
      if ("event" in update) events.push(update.event);
      else {
        if (events.length > 0) await flush();
        deltas.push(update.delta);
      }
    }
    await flush();
    await Bun.sleep(Math.max(0, startedMs + (sent / perSecond) * 1000 - performance.now()));
  }
}

async function obey(order: Order): Promise<void> {
  const wanted = order.events ?? 0;
  const events: WorkerEvent[] = [];
  while (events.length < wanted) events.push(...step(++steps));
  await gateway.report(events.slice(0, wanted));
  if (order.updates) await stream(order.updates, order.perSecond ?? 60);
  await gateway.report([answer(`done_${order.id}`, doneText(order.id))]);
}

const assignment = await gateway.assignment();
await gateway.report([{ type: "worker.ready", version: "bench", startMs: 1 }]);
let cursor = { inbox: assignment.inboxAfter, delivered: assignment.deliveredThrough };
const prompt = assignment.messages.at(-1)?.content.find(({ type }) => type === "text");
let orders = [orderIn(String(prompt?.text))];
let isOver = false;
while (!isOver) {
  for (const order of orders) {
    await obey(order);
    isOver ||= order.isLast === true;
  }
  if (isOver) break;
  const heard = await gateway.messages(cursor);
  if (heard === null) break;
  cursor = heard.cursor;
  orders = heard.texts.map(orderIn);
}
await gateway.report([
  { type: "branch.pushed", branch: assignment.branch, commit: null },
  isOver
    ? { type: "turn.finished", title: "Work", summary: "All orders were done." }
    : { type: "turn.stopped" },
]);
process.exit(0);
