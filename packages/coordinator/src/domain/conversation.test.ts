import { expect, test } from "bun:test";
import type { EventBody, Message } from "@farhand/protocol";
import { converse } from "./conversation.ts";

function talk(events: EventBody[]): Message[] {
  const messages: Message[] = [];
  for (const event of events) {
    const step = converse(messages.at(-1) ?? null, event);
    if (!step) continue;
    if (!step.isNew) messages.pop();
    messages.push(step.message);
  }
  return messages;
}

const toolResult = (toolUseId: string): EventBody => ({
  type: "tool.finished",
  toolUseId,
  name: "bash",
  isError: false,
  content: "ok",
  durationMs: 1,
});

test("gathers the results of one answer and a steering message into one user message", () => {
  const messages = talk([
    { type: "user.message", messageId: null, text: "fix it" },
    {
      type: "assistant.message",
      messageId: "msg_1",
      model: "m",
      content: [
        { type: "tool_use", id: "a", name: "bash", input: {} },
        { type: "tool_use", id: "b", name: "bash", input: {} },
      ],
      stopReason: "tool_use",
    },
    { type: "tool.started", toolUseId: "a", name: "bash", label: "ls" },
    toolResult("a"),
    toolResult("b"),
    { type: "user.message", messageId: "m1", text: "and quickly" },
  ]);
  expect(messages.map((message) => [message.role, message.content.map((block) => block.type)])).toEqual([
    ["user", ["text"]],
    ["assistant", ["tool_use", "tool_use"]],
    ["user", ["tool_result", "tool_result", "text"]],
  ]);
});

test("leaves the conversation alone for events that are not part of it", () => {
  expect(converse(null, { type: "turn.finished", title: "t", summary: "s" })).toBeNull();
});
