import { expect, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import { assemble, lineOf, openTools, withoutThoughts } from "./conversation.ts";

const answer = (...ids: string[]): EventBody => ({
  type: "assistant.message",
  messageId: "msg_1",
  model: "m",
  content: ids.map((id) => ({ type: "tool_use", id, name: "bash", input: {} })),
  stopReason: "tool_use",
});
const result = (toolUseId: string): EventBody => ({
  type: "tool.finished",
  toolUseId,
  name: "bash",
  isError: false,
  content: "ok",
  durationMs: 1,
});
const lines = (...events: EventBody[]) => events.flatMap((event) => lineOf(event, 1) ?? []);
const opening: EventBody = { type: "turn.started", turn: 1, messageId: "m", text: "fix it", isRetry: false };
const steering: EventBody = { type: "user.message", messageId: "m1", text: "and quickly" };

test("the results of one answer and a steering message are one message of the user, results first", () => {
  const messages = assemble(
    lines(
      opening,
      answer("a", "b"),
      { type: "tool.started", toolUseId: "a", name: "bash", label: "ls" },
      result("a"),
      steering,
      result("b"),
    ),
  );
  expect(messages.map((message) => [message.role, message.content.map((block) => block.type)])).toEqual([
    ["user", ["text"]],
    ["assistant", ["tool_use", "tool_use"]],
    ["user", ["tool_result", "tool_result", "text"]],
  ]);
});

test("events that say nothing to the model are no part of the conversation", () => {
  expect(lineOf({ type: "turn.finished", title: "t", summary: "s" }, 1)).toBeNull();
});

test("the calls of the last answer without a result are open", () => {
  expect(openTools(lines(opening, answer("a", "b"), result("a")))).toEqual([{ id: "b", name: "bash" }]);
  expect(openTools(lines(opening, answer("a"), result("a"), steering))).toEqual([]);
  expect(openTools([])).toEqual([]);
});

test("thoughts can be left out, and with them an answer that was nothing else", () => {
  const thought = { type: "thinking", thinking: "hm", signature: "x" };
  expect(
    withoutThoughts([
      { turn: 1, role: "assistant", content: [thought] },
      { turn: 1, role: "assistant", content: [thought, { type: "text", text: "yes" }] },
    ]),
  ).toEqual([{ turn: 1, role: "assistant", content: [{ type: "text", text: "yes" }] }]);
});
