/**
 * The agent of the benchmark: a worker that does what its orders say and asks no model. It speaks to the real gateway, as
 * fast as it is told, where the real one sends pieces at the pace of a model and never faster than 33 times a second.
 */
import type { WorkerEvent } from "@farhand/protocol";
import { Gateway } from "./gateway.ts";
import { doneText, type Order, orderIn } from "./orders.ts";
import { pace, updates } from "./pace.ts";
import { answer, step } from "./work.ts";

const gateway = new Gateway();
let steps = 0;

async function obey(order: Order): Promise<void> {
  const wanted = order.events ?? 0;
  const events: WorkerEvent[] = [];
  while (events.length < wanted) events.push(...step(++steps));
  await gateway.report(events.slice(0, wanted));
  if (order.updates)
    await pace(
      updates(() => ++steps),
      { count: order.updates, perSecond: order.perSecond ?? 60 },
      async (deltas, events) => {
        await gateway.stream(deltas);
        await gateway.report(events);
      },
    );
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
