/** What follows when people write to a task. Pure: facts in, events out; a refusal is thrown as `FarhandError`. */
import type { Attachment, EventBody } from "@farhand/protocol";
import { withAttachments } from "./attachment.ts";
import { failure } from "./failure.ts";
import { conflict, demand, demandFiles } from "./move.ts";
import type { TaskFacts, UserMessage } from "./store.ts";
import { isActive } from "./task-state.ts";

interface Said {
  messageId: string;
  text: string;
  attachments?: readonly Attachment[] | undefined;
}

const isWaiting = (message: UserMessage) => message.status === "waiting";

/** Steers the turn that is under way, or opens the next. A message that is known already changes nothing. */
export function send(facts: TaskFacts, given: Said): EventBody[] {
  const message = { messageId: given.messageId, text: given.text, ...withAttachments(given.attachments) };
  const { task, messages } = facts;
  if (messages.some(({ messageId }) => messageId === message.messageId)) return [];
  if (isActive(task.state)) return [{ type: "message.queued", ...message }];
  demandFiles(task);
  const continued = demand(
    task,
    "continued",
    "continued",
    "Fork it, or create a new task: an archived task stays as it is.",
  );
  // What has waited since an earlier turn was said first.
  const first = messages.find(isWaiting);
  if (!first) return [nextTurn(facts, message), continued];
  return [{ type: "message.queued", ...message }, nextTurn(facts, first), continued];
}

/** Of the task whose turn has just ended: the next turn for what came too late for it. */
export function goOn(facts: TaskFacts): EventBody | null {
  const first = facts.messages.find(isWaiting);
  return first ? nextTurn(facts, first) : null;
}

function nextTurn({ task }: TaskFacts, { messageId, text, attachments }: Said): EventBody {
  return {
    type: "turn.started",
    turn: task.turn + 1,
    messageId,
    text,
    isRetry: false,
    ...withAttachments(attachments),
  };
}

export function edit(facts: TaskFacts, messageId: string, text: string): EventBody[] {
  const message = waiting(facts, messageId);
  return message.text === text ? [] : [{ type: "message.edited", messageId, text }];
}

export function withdraw(facts: TaskFacts, messageId: string): EventBody[] {
  waiting(facts, messageId);
  return [{ type: "message.withdrawn", messageId }];
}

export function reorder({ messages }: TaskFacts, messageIds: string[]): EventBody[] {
  const present = messages.filter(isWaiting).map(({ messageId }) => messageId);
  if (present.join() === messageIds.join()) return [];
  const isSame = present.length === messageIds.length && present.every((id) => messageIds.includes(id));
  if (!isSame)
    throw conflict(
      "These are not the messages that wait: some were delivered, withdrawn or added meanwhile.",
      "Fetch the messages that wait and name each of them once.",
    );
  return [{ type: "messages.reordered", messageIds }];
}

function waiting({ messages }: TaskFacts, messageId: string): UserMessage {
  const message = messages.find((candidate) => candidate.messageId === messageId);
  if (!message)
    throw failure(
      "not_found",
      "There is no such message.",
      "Check the id; GET …/messages lists those that wait.",
    );
  if (!isWaiting(message))
    throw conflict(
      `The message was ${message.status} already.`,
      "Send another one: what was delivered cannot be taken back.",
    );
  return message;
}
