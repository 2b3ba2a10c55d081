import type { Delta, TaskEvent } from "@farhand/protocol";
import { blockId } from "./answer.ts";
import { applyEvent, unknownRow } from "./apply-event.ts";
import { isAtRest, type LiveBlock, type LiveMessage, type TaskView } from "./task-view.ts";

/**
 * The view with these events. However they are split, repeated or put out of order, the same events make the same view:
 * those that are known are dropped, and those that come early wait for those before them.
 */
export function applyEvents(view: TaskView, events: Iterable<TaskEvent>): TaskView {
  let next = view;
  let early: Map<number, TaskEvent> | null = null;
  const ahead = () => early ?? next.early;
  const waiting = () => {
    early ??= new Map(view.early);
    return early;
  };
  for (const event of events) {
    if (event.seq <= next.seq || ahead().has(event.seq)) continue;
    if (event.seq > next.seq + 1) {
      waiting().set(event.seq, event);
      continue;
    }
    next = applyNext(next, event);
    for (let follower = ahead().get(next.seq + 1); follower; follower = ahead().get(next.seq + 1)) {
      waiting().delete(follower.seq);
      next = applyNext(next, follower);
    }
  }
  return early === null ? next : { ...next, early };
}

function applyNext(view: TaskView, event: TaskEvent): TaskView {
  let next: TaskView;
  try {
    next = applyEvent(view, event);
  } catch {
    // Made otherwise than this version knows: shown as what it is, like a type that it does not know.
    next = unknownRow(view, event);
  }
  const header = next.header === null ? null : { ...next.header, lastEventAt: event.at };
  return { ...next, header, seq: event.seq };
}

/** The view with a piece of an answer that streams. */
export function applyDelta(view: TaskView, delta: Delta): TaskView {
  if (view.finishedAnswers.includes(delta.messageId)) return view;
  if (view.header !== null && isAtRest(view.header.state)) return view;
  const live: LiveMessage =
    view.live?.messageId === delta.messageId
      ? view.live
      : { messageId: delta.messageId, blocks: [], isBroken: false };
  if (live.isBroken) return view;
  return { ...view, live: { ...live, blocks: grown(live.blocks, delta, view.answerCount + 1) } };
}

function grown(blocks: readonly LiveBlock[], delta: Delta, answer: number): LiveBlock[] {
  const place = blocks.findIndex(({ index }) => index === delta.index);
  const known = blocks[place];
  if (known)
    return blocks.map((block) => (block === known ? { ...known, text: known.text + delta.text } : block));
  const { index, kind, text } = delta;
  return [...blocks, { id: blockId(answer, index), index, kind, text }].sort((a, b) => a.index - b.index);
}

/** The connection was lost: pieces of the answer may be missing, so the rest of it is not shown. */
export function breakLive(view: TaskView): TaskView {
  if (view.live === null) return view;
  return { ...view, live: { ...view.live, blocks: [], isBroken: true } };
}
