import type { Delta, EventBody } from "@farhand/protocol";
import type { EventLog } from "./store.ts";
import { createTopic, type Topic } from "./topic.ts";

/** Longer answers than a model gives at once; a task's keeps no more. */
const MOST_CHARACTERS = 512 * 1024;

/** The answers that are being given: their pieces live, and what each task's says so far. */
export interface LiveAnswers extends Topic<Delta> {
  /** One piece for each block, which is all of it; none where no answer is under way; null for one that is too long to keep. */
  soFar(taskId: string): readonly Delta[] | null;
}

interface Kept {
  messageId: string | null;
  blocks: Map<number, Delta>;
  characters: number;
  /** Pieces of it may still arrive, on another connection than the event that ended it. */
  overId: string | null;
  unfollow(): void;
}

/** Keeps an answer until its event is in the log, or until it is given up. */
export function createLiveAnswers(
  log: Pick<EventLog, "follow">,
  mostCharacters = MOST_CHARACTERS,
): LiveAnswers {
  const topic = createTopic<Delta>();
  const byTask = new Map<string, Kept>();

  function begin(taskId: string): Kept {
    const unfollow = log.follow(taskId, ({ body }) => {
      if (body.type === "attempt.ended") forget(taskId);
      else end(kept, body);
    });
    const kept: Kept = { messageId: null, blocks: new Map(), characters: 0, overId: null, unfollow };
    byTask.set(taskId, kept);
    return kept;
  }

  function forget(taskId: string): void {
    byTask.get(taskId)?.unfollow();
    byTask.delete(taskId);
  }

  return {
    publish(taskId, deltas) {
      for (const delta of deltas) {
        // Kept first: who begins to follow while it is told gets it once.
        grow(byTask.get(taskId) ?? begin(taskId), delta, mostCharacters);
        topic.publish(taskId, [delta]);
      }
    },
    follow: topic.follow,
    soFar(taskId) {
      const kept = byTask.get(taskId);
      if (!kept) return [];
      return kept.characters > mostCharacters ? null : [...kept.blocks.values()];
    },
  };
}

function grow(kept: Kept, delta: Delta, mostCharacters: number): void {
  if (delta.messageId === kept.overId) return;
  if (delta.messageId !== kept.messageId) clear(kept, delta.messageId);
  kept.characters += delta.text.length;
  const text = (kept.blocks.get(delta.index)?.text ?? "") + delta.text;
  if (kept.characters > mostCharacters) kept.blocks.clear();
  else kept.blocks.set(delta.index, { ...delta, text });
}

function end(kept: Kept, body: EventBody): void {
  if (body.type === "assistant.message") kept.overId = body.messageId;
  else if (isGivenUp(body)) kept.overId = kept.messageId ?? kept.overId;
  else return;
  if (kept.overId === kept.messageId) clear(kept, null);
}

/** The turn has ended, or the model is asked again. */
const isGivenUp = (body: EventBody): boolean =>
  body.type === "turn.stopped" ||
  (body.type === "notice" && body.code === "model_retry") ||
  (body.type === "state.changed" && body.to !== "running" && body.to !== "waiting");

function clear(kept: Kept, messageId: string | null): void {
  kept.messageId = messageId;
  kept.blocks.clear();
  kept.characters = 0;
}
