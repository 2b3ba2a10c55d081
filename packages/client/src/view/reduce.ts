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
  const live = liveFor(view, delta.messageId);
  if (live === null || live.isBroken) return view;
  const known = live.blocks.find(({ index }) => index === delta.index);
  return withBlock(view, live, { ...delta, text: (known?.text ?? "") + delta.text });
}

/** The view with all that a block of the answer says so far: it takes the place of what was heard of it. */
export function applyWhole(view: TaskView, block: Delta): TaskView {
  const live = liveFor(view, block.messageId);
  if (live === null) return view;
  // Told whole are all blocks, so what broke off is mended with the first.
  return withBlock(view, { ...live, isBroken: false }, block);
}

/** Null where pieces of it come too late to be shown. */
function liveFor(view: TaskView, messageId: string): LiveMessage | null {
  if (view.finishedAnswers.includes(messageId)) return null;
  if (view.header !== null && isAtRest(view.header.state)) return null;
  return view.live?.messageId === messageId ? view.live : { messageId, blocks: [], isBroken: false };
}

function withBlock(view: TaskView, live: LiveMessage, { index, kind, text }: Delta): TaskView {
  const block: LiveBlock = { id: blockId(view.answerCount + 1, index), index, kind, text };
  const others = live.blocks.filter((other) => other.index !== index);
  const blocks = [...others, block].sort((a, b) => a.index - b.index);
  return { ...view, live: { ...live, blocks } };
}

/** The connection was lost: what follows the pieces that are shown may be missing, so no more is added to them. */
export function breakLive(view: TaskView): TaskView {
  return view.live === null ? view : { ...view, live: { ...view.live, isBroken: true } };
}
