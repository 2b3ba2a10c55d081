/** How turns begin and end, and what follows for what was open. */
import type { Failure, TaskEvent, TaskState } from "@farhand/protocol";
import { attachmentsIn } from "./attachments.ts";
import { closeBudget } from "./budget.ts";
import { addRow, changeRow, changeTurn, nextPlace, rowBase, withHeader, withOpen } from "./edit.ts";
import { isAtRest, type TaskView, type TurnInfo } from "./task-view.ts";

export function applyTurnStarted(
  view: TaskView,
  event: TaskEvent,
  body: { turn: number; messageId: string; text: string; isRetry: boolean; attachments?: unknown },
): TaskView {
  const before = view.turns.get(body.turn - 1);
  const info: TurnInfo = {
    turn: body.turn,
    text: body.text,
    startSeq: event.seq,
    startedAt: event.at,
    endSeq: null,
    endedAt: null,
    outcome: null,
    title: null,
    summary: null,
    checkpoint: null,
    changes: null,
    costUsd: 0,
    isCostPartial: false,
    isDiscarded: false,
  };
  const turns = before ? view.turns.set(body.turn - 1, info) : view.turns.push(info);
  const discarded =
    body.isRetry && before
      ? [...view.discarded, { fromSeq: before.startSeq, toSeq: event.seq - 1 }]
      : view.discarded;
  const begun = withHeader(
    {
      ...closeWaits(view),
      turns,
      discarded,
      live: null,
      waiting: view.waiting.filter(({ messageId }) => messageId !== body.messageId),
    },
    {
      turn: body.turn,
      turnStartedAt: event.at,
      turnCostUsd: 0,
      stopping: null,
      failure: null,
    },
  );
  return addRow(begun, {
    ...rowBase(begun, event),
    kind: "user",
    messageId: body.messageId,
    text: body.text,
    attachments: attachmentsIn(body),
    role: "opening",
    isRetry: body.isRetry,
  });
}

export function applyState(
  view: TaskView,
  event: TaskEvent,
  body: { from: TaskState; to: TaskState; failure: Failure | null },
): TaskView {
  const isEnd = isAtRest(body.to) && !isAtRest(body.from);
  // Where another task has taken its sandbox's place it is queued, and what it waits for is the same.
  const mayWait = body.to === "waiting" || body.to === "queued";
  const moved = withHeader(view, {
    state: body.to,
    failure:
      body.to === "failed" ? body.failure : body.to === "archived" ? (view.header?.failure ?? null) : null,
    delayedBy: null,
    budgetReached: mayWait ? (view.header?.budgetReached ?? null) : null,
    stopping: isAtRest(body.to) ? null : (view.header?.stopping ?? null),
  });
  const waited = mayWait ? moved : closeBudget(moved);
  if (!isEnd) return body.from === "failed" ? closeApproval(waited) : waited;
  const ended = endTurn(closeWaits(waited), event, body);
  if (body.failure?.code !== "approval_needed") return ended;
  return askForApproval(ended, event, body.failure);
}

function endTurn(
  view: TaskView,
  event: TaskEvent,
  { to, failure }: { to: TaskState; failure: Failure | null },
): TaskView {
  const info = view.turns.get((view.header?.turn ?? 0) - 1);
  const outcome =
    to === "failed"
      ? "failed"
      : to === "cancelled"
        ? "cancelled"
        : info?.title === null || info === undefined
          ? "stopped"
          : "finished";
  const ended = changeTurn({ ...view, live: null }, { endSeq: event.seq, endedAt: event.at, outcome });
  return addRow(ended, {
    ...rowBase(ended, event),
    kind: "turn_end",
    outcome,
    title: info?.title ?? null,
    summary: info?.summary ?? null,
    failure: to === "failed" ? failure : null,
    costUsd: info?.costUsd ?? 0,
    isCostPartial: info?.isCostPartial ?? false,
    durationMs: info ? Math.max(0, Date.parse(event.at) - Date.parse(info.startedAt)) : 0,
    checkpoint: info?.checkpoint ?? null,
    changes: info?.changes ?? null,
  });
}

function askForApproval(view: TaskView, event: TaskEvent, failure: Failure): TaskView {
  const asked = addRow(view, {
    ...rowBase(view, event),
    id: `e${event.seq}.approval`,
    kind: "approval",
    approval: "workflows",
    commit: failure.commit ?? view.header?.worked ?? null,
    message: failure.message,
    action: failure.action,
    status: "open",
  });
  return withOpen(asked, { approval: nextPlace(view) });
}

export function giveApproval(view: TaskView): TaskView {
  const given = changeRow(view, view.open.approval, "approval", (row) => ({ ...row, status: "given" }));
  return withOpen(given, { approval: null });
}

export function rollBack(view: TaskView, event: TaskEvent, body: { turn: number; commit: string }): TaskView {
  const first = view.turns.get(body.turn);
  let turns = view.turns;
  for (let place = body.turn; place < turns.length; place++) {
    const info = turns.get(place);
    if (info && !info.isDiscarded) turns = turns.set(place, { ...info, isDiscarded: true });
  }
  const discarded = first
    ? [...view.discarded, { fromSeq: first.startSeq, toSeq: event.seq - 1 }]
    : view.discarded;
  const back = withHeader({ ...closeWaits(view), turns, discarded }, { checkpoint: body.commit });
  return addRow(back, {
    ...rowBase(back, event),
    kind: "rolled_back",
    toTurn: body.turn,
    commit: body.commit,
  });
}

/** Nothing of what the turn waited for can be answered any more. */
function closeWaits(view: TaskView): TaskView {
  let next = closeApproval(closeBudget(view));
  for (const place of view.open.questions.values())
    next = changeRow(next, place, "question", (row) => ({ ...row, status: "past" }));
  return view.open.questions.size === 0 ? next : withOpen(next, { questions: new Map() });
}

function closeApproval(view: TaskView): TaskView {
  if (view.open.approval === null) return view;
  const closed = changeRow(view, view.open.approval, "approval", (row) => ({ ...row, status: "past" }));
  return withOpen(closed, { approval: null });
}
