import { expect, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import { MemoryLog } from "../../test/memory-log.ts";
import { createLiveAnswers } from "./live-answers.ts";

const MESSAGE: EventBody = {
  type: "assistant.message",
  messageId: "m1",
  model: "claude-sonnet-5-5",
  content: [],
  stopReason: "end_turn",
};
const RETRY: EventBody = { type: "notice", level: "warning", code: "model_retry", message: "Again." };
const ENDED: EventBody = { type: "attempt.ended", attempt: 1, exitCode: 0, sandboxRemoved: true };
const IDLE: EventBody = { type: "state.changed", from: "running", to: "idle", failure: null };

function world(mostCharacters?: number) {
  const log = new MemoryLog();
  const task = log.addTask(1, "u_owner");
  const answers = createLiveAnswers(log, mostCharacters);
  const say = (text: string, index = 0, messageId = "m1") =>
    answers.publish(task, [{ messageId, index, kind: "text", text }]);
  const texts = () => answers.soFar(task)?.map(({ text }) => text) ?? null;
  return { log, task, answers, say, texts };
}

test("an answer is kept block by block, and another takes its place", () => {
  const { say, texts } = world();
  expect(texts()).toEqual([]);
  say("Hel");
  say("lo");
  say("{", 1);
  expect(texts()).toEqual(["Hello", "{"]);
  say("Next", 0, "m2");
  expect(texts()).toEqual(["Next"]);
});

test.each([
  ["its event", MESSAGE],
  ["another try", RETRY],
  ["the turn's end", IDLE],
])("an answer is kept until %s, and pieces that come later are of no use", (_, body) => {
  const { log, task, say, texts } = world();
  say("Hel");
  log.append(task, [body]);
  expect(texts()).toEqual([]);
  say("lo");
  expect(texts()).toEqual([]);
  say("Next", 0, "m2");
  expect(texts()).toEqual(["Next"]);
});

test("nothing is kept of an attempt that has ended, nor listened for", () => {
  const { log, task, say, texts } = world();
  let followers = 0;
  const follow = log.follow;
  const counted = createLiveAnswers({
    follow: (id, follower) => {
      followers += 1;
      const unfollow = follow(id, follower);
      return () => {
        followers -= 1;
        unfollow();
      };
    },
  });
  counted.publish(task, [{ messageId: "m1", index: 0, kind: "text", text: "Hel" }]);
  say("Hel");
  expect(followers).toBe(1);
  log.append(task, [ENDED]);
  expect([texts(), counted.soFar(task), followers]).toEqual([[], [], 0]);
});

test("one that is too long is not kept, and the next one is", () => {
  const { say, texts } = world(5);
  say("Hello");
  expect(texts()).toEqual(["Hello"]);
  say("!");
  expect(texts()).toBeNull();
  say("a", 1);
  expect(texts()).toBeNull();
  say("Next", 0, "m2");
  expect(texts()).toEqual(["Next"]);
});
