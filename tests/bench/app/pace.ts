import type { Delta, WorkerEvent } from "@farhand/protocol";
import { longSpeech, messageId, piecesOf, step } from "./work.ts";

/** Pieces of an answer: a short one, and now and then a long one. */
const SHORT_PIECES = 60;
const LONG_PIECES = 480;
const LONG_EVERY = 20;

export type Update = { delta: Delta } | { event: WorkerEvent };

/**
 * Work as people see it under way, without an end: each answer in pieces, then whole, then its steps one by one.
 * @param nextStep numbers each answer with its steps; so that the numbers of a conversation can go on
 */
export function* updates(nextStep: () => number): Generator<Update, never> {
  for (;;) {
    const n = nextStep();
    const text = longSpeech(n, n % LONG_EVERY === 1 ? LONG_PIECES : SHORT_PIECES);
    for (const piece of piecesOf(text))
      yield { delta: { messageId: messageId(n), index: 0, kind: "text", text: piece } };
    for (const event of step(n, text)) yield { event };
  }
}

/**
 * Takes so many updates from the source and sends what is due by the clock. What is due at once goes in one call, pieces
 * before the events that follow them.
 */
export async function pace(
  source: Generator<Update, never>,
  { count, perSecond }: { count: number; perSecond: number },
  send: (deltas: Delta[], events: WorkerEvent[]) => Promise<void> | void,
): Promise<void> {
  const startedMs = performance.now();
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedMs) / 1000) * perSecond) + 1);
    let deltas: Delta[] = [];
    let events: WorkerEvent[] = [];
    for (; sent < due; sent += 1) {
      const update = source.next().value;
      if ("event" in update) events.push(update.event);
      else {
        if (events.length > 0) {
          await send(deltas, events);
          deltas = [];
          events = [];
        }
        deltas.push(update.delta);
      }
    }
    await send(deltas, events);
    await Bun.sleep(Math.max(0, startedMs + (sent / perSecond) * 1000 - performance.now()));
  }
}
