/** What people may do with a task's turns. Pure: facts in, events out; a refusal is thrown as `FarhandError`. */
import type { ApprovalKind, EventBody } from "@farhand/protocol";
import { withAttachments } from "./attachment.ts";
import { type ConversationLine, withoutThoughts } from "./conversation.ts";
import { failure } from "./failure.ts";
import { conflict, demand, demandFiles, moved } from "./move.ts";
import { closeQuestions } from "./question-decisions.ts";
import type { TaskFacts, TurnRecord } from "./store.ts";
import { hasSandbox, isActive } from "./task-state.ts";

/**
 * Takes a turn that waits in the queue out of it, or marks one that is at work as to be ended: the worker, and whoever
 * takes up the task after a crash, act on that. Asked again, it changes nothing.
 */
export function endEarly(facts: TaskFacts, how: "stop" | "cancel"): EventBody[] {
  const { task, turns } = facts;
  if (task.state === "queued") {
    const event = moved(task, how === "stop" ? "stopped" : "withdrawn");
    return event ? [...closeQuestions(facts), event] : [];
  }
  if (!hasSandbox(task.state))
    throw conflict(
      `The task is ${task.state}, so there is nothing to ${how}.`,
      "Look at the task again: its turn has ended already.",
    );
  const asked = turns.find((turn) => turn.turn === task.turn)?.stopping;
  return asked === how || asked === "cancel" ? [] : [{ type: "turn.stopping", how }];
}

/** Runs a failed turn again; one that the agent has finished is published again, without asking it. */
export function retry({ task, turns, messages }: TaskFacts): EventBody[] {
  demandFiles(task);
  const turn = turns.find((candidate) => candidate.turn === task.turn);
  if (task.state !== "failed" || !turn)
    throw conflict(
      `The task is ${task.state}: only a failed turn can be run again.`,
      "Send a message to go on with the task.",
    );
  if (turn.isDiscarded)
    throw conflict("The failed turn was rolled back.", "Send a message to go on from where the task is now.");
  const continued = demand(task, "continued", "run again", "Send a message to go on with the task.");
  if (turn.isFinished) return [continued];
  const steered = messages.filter((m) => m.turn === task.turn && !m.isOpening && m.status === "delivered");
  return [
    {
      type: "turn.started",
      turn: turn.turn,
      messageId: turn.messageId,
      text: turn.text,
      isRetry: true,
      ...withAttachments(messages.find((it) => it.messageId === turn.messageId)?.attachments),
    },
    // They are out of the conversation with the run that had them, and not to be lost.
    ...steered.map(
      ({ messageId, text, attachments }): EventBody => ({
        type: "message.queued",
        messageId,
        text,
        ...withAttachments(attachments),
      }),
    ),
    continued,
  ];
}

/** Lets a commit pass that was held back, and publishes it. */
export function approve(facts: TaskFacts, kind: ApprovalKind, commit: string): EventBody[] {
  const { task } = facts;
  if (task.state !== "failed" || task.failure?.code !== "approval_needed")
    throw conflict(
      "Nothing of this task waits for an approval.",
      "Look at the task again: it was published, or has gone on.",
    );
  return [{ type: "approval.given", kind, commit }, ...retry(facts)];
}

export function archive({ task }: TaskFacts): EventBody[] {
  if (task.state === "archived") return [];
  return [demand(task, "archived", "archived", "Cancel it first, or wait until its turn has ended.")];
}

export function rollBack(facts: TaskFacts, turn: number): EventBody[] {
  const { task } = facts;
  if (isActive(task.state))
    throw conflict(`The task is ${task.state}.`, "Stop it first, or wait until its turn has ended.");
  if (task.state === "archived") throw conflict("The task is archived.", "Fork it to go on from that turn.");
  return [{ type: "task.rolled_back", turn, commit: endOf(facts, turn) }];
}

/** What a fork takes along of the end of a turn, by default of the last one that has ended. */
export function forkFrom(
  facts: TaskFacts,
  wanted: number | null,
  lines: readonly ConversationLine[],
): { turn: number; commit: string; lines: ConversationLine[] } {
  const { task } = facts;
  const ended = facts.turns.filter(
    (it) => !it.isDiscarded && !(isActive(task.state) && it.turn === task.turn),
  );
  const turn = wanted ?? ended.at(-1)?.turn ?? 0;
  if (turn === task.turn && isActive(task.state))
    throw conflict(`Turn ${turn} goes on.`, "Name an earlier turn, or wait until it has ended.");
  const kept = lines.filter((line) => line.turn <= turn).map((line) => ({ ...line, turn: 0 }));
  return { turn, commit: endOf(facts, turn), lines: withoutThoughts(kept) };
}

/** The checkpoint at a turn's end. */
function endOf({ task, turns }: TaskFacts, turn: number): string {
  demandFiles(task);
  const record = turns.find((candidate) => candidate.turn === turn);
  if (turn > 0 && (!record || record.isDiscarded))
    throw failure(
      "not_found",
      `There is no turn ${turn} to go back to.`,
      `Name one from 0, the start, to ${task.turn} that was not rolled back.`,
    );
  const commit = revisionAfter(record, turns[0]) ?? task.baseCommit;
  if (!commit) throw conflict("The task has no files yet.", "Ask again when its first turn has begun.");
  return commit;
}

function revisionAfter(record: TurnRecord | undefined, first: TurnRecord | undefined): string | null {
  if (!record) return first?.startRevision ?? null;
  return record.endRevision ?? record.startRevision;
}
