import type { EventBody, Failure, TaskState } from "@farhand/protocol";
import { goOn } from "./message-decisions.ts";
import { moved } from "./move.ts";
import { answerResult, closeQuestions } from "./question-decisions.ts";
import type { TaskFacts, TaskRecord } from "./store.ts";
import { nextState } from "./task-state.ts";

/** How a turn, or the sandbox that it ran in, came to its end. */
export type TurnEnd =
  | { kind: "finished" }
  /** A person stopped it. */
  | { kind: "stopped" }
  | { kind: "cancelled" }
  | { kind: "failed"; failure: Failure }
  /** The sandbox is gone; another one goes on with the turn. `failure` tells why, if it was once too often. */
  | { kind: "lost"; failure: Failure }
  /** The coordinator stopped; the turn goes on when it is back. */
  | { kind: "interrupted" }
  /** Its sandbox waited for a person, and another task needed the place. */
  | { kind: "suspended" };

/** A turn that loses more sandboxes than this is given up: it is most likely what kills them. */
export const MOST_LOSSES = 3;

/** Told to the model in place of the result of a tool that was running. */
const UNFINISHED = {
  stopped: "stopped: the user ended the turn while this ran, so it may have run in part or not at all.",
  lost: "interrupted: the sandbox ended while this ran, so it may have run in part or not at all. Check before you repeat it.",
};

/**
 * The events of a turn's end. Every tool call gets its result, whatever happened, and the change of state comes last;
 * a message that came too late for the turn opens the next one. A question stays open when only the sandbox is gone,
 * and so does its call: the answer will be its result. Nothing where the state has no such arrow any more.
 */
export function endTurn(facts: TaskFacts, given: TurnEnd): EventBody[] {
  const { task } = facts;
  const end = wished(facts, given);
  const state = stateAfter(task, end);
  if (!state) return [];
  const isLost = end.kind === "lost" || end.kind === "interrupted" || end.kind === "suspended";
  const results = facts.openTools.flatMap((tool): EventBody[] => {
    const question = facts.questions.find(({ questionId }) => questionId === tool.id);
    if (question?.status === "open") return [];
    if (question?.status === "answered") return [answerResult(tool, question.answer ?? "")];
    return [
      {
        type: "tool.finished",
        toolUseId: tool.id,
        name: tool.name,
        isError: true,
        content: isLost ? UNFINISHED.lost : UNFINISHED.stopped,
        durationMs: 0,
      },
    ];
  });
  const closed = state.to === "queued" ? [] : closeQuestions(facts);
  const notice: EventBody[] =
    state.to === "queued"
      ? [
          {
            type: "notice",
            level: "warning",
            ...whyQueued(end),
          },
        ]
      : [];
  const events: EventBody[] = [
    ...results,
    ...closed,
    ...notice,
    ...unpublished(facts, end),
    ...waitingNotice(facts, state.to),
    state,
  ];
  const next = end.kind === "finished" ? goOn(facts) : null;
  const queued = nextState(state.to, "continued");
  if (!next || !queued) return events;
  return [...events, next, { type: "state.changed", from: state.to, to: queued, failure: null }];
}

/** A stop that comes once the agent has finished ends the publishing: the log tells it from a turn that went out. */
function unpublished({ task, turns }: TaskFacts, end: TurnEnd): EventBody[] {
  const isFinished = turns.find((turn) => turn.turn === task.turn)?.isFinished === true;
  if (end.kind !== "stopped" || !isFinished) return [];
  const message =
    "The turn was stopped before all of its work was published. It is kept, and goes out with the next turn.";
  return [{ type: "turn.stopped" }, { type: "notice", level: "info", code: "not_published", message }];
}

/** What was queued for a turn that ended otherwise than well waits on, and nothing would say so. */
function waitingNotice({ messages }: TaskFacts, to: TaskState): EventBody[] {
  const count = messages.filter(({ status }) => status === "waiting").length;
  if (count === 0 || (to !== "failed" && to !== "cancelled")) return [];
  const message =
    count === 1
      ? "A message still waits: it goes to the agent with the next turn, when the turn is run again or a message is sent."
      : `${count} messages still wait: they go to the agent with the next turn, when the turn is run again or a message is sent.`;
  return [{ type: "notice", level: "info", code: "messages_wait", message }];
}

/** A wish to end the turn outlives the sandbox and the coordinator that it was said to. */
function wished({ task, turns }: TaskFacts, end: TurnEnd): TurnEnd {
  const wish = turns.find((turn) => turn.turn === task.turn)?.stopping;
  if (wish === "cancel") return { kind: "cancelled" };
  if (wish === "stop" && end.kind !== "finished" && end.kind !== "failed") return { kind: "stopped" };
  return end;
}

function whyQueued(end: TurnEnd): { code: string; message: string } {
  switch (end.kind) {
    case "lost":
      return {
        code: "worker_lost",
        message: `${end.failure.message} Another one goes on from the last checkpoint.`,
      };
    case "suspended":
      return {
        code: "sandbox_freed",
        message: "Another task needed the place of the sandbox; the turn goes on from its last checkpoint.",
      };
    default:
      return {
        code: "coordinator_stopped",
        message: "The server was stopped; the turn goes on from the last checkpoint.",
      };
  }
}

function stateAfter(task: TaskRecord, end: TurnEnd) {
  switch (end.kind) {
    case "finished":
      return moved(task, "turn_finished");
    case "stopped":
      return moved(task, "stopped");
    case "cancelled":
      return moved(task, "cancelled");
    case "failed":
      return moved(task, "failed", end.failure);
    case "lost":
      return task.losses < MOST_LOSSES
        ? moved(task, "lost", end.failure)
        : moved(task, "failed", end.failure);
    case "interrupted":
    case "suspended":
      return moved(task, "lost");
  }
}
