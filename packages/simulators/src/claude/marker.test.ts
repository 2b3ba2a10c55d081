import { describe, expect, test } from "bun:test";
import { instructionOf } from "./marker.ts";
import { findModel } from "./models.ts";
import type { MessagesRequest } from "./request-shape.ts";
import { validateMessages } from "./validate.ts";

const user = (content: string | object[]) => ({ role: "user", content });
const assistant = (content: string | object[]) => ({ role: "assistant", content });
const use = (id: string) => assistant([{ type: "tool_use", id, name: "bash", input: { command: "ls" } }]);
const result = (id: string, content: string, ...more: string[]) =>
  user([{ type: "tool_result", tool_use_id: id, content }, ...more.map((text) => ({ type: "text", text }))]);

function conversation(...messages: object[]): MessagesRequest {
  const model = findModel("claude-sonnet-5-5");
  const tools = [{ name: "bash", input_schema: { type: "object" } }];
  return validateMessages({ model: model?.id, max_tokens: 1024, tools, messages }).request;
}

describe("the scenario of a conversation", () => {
  test("is that of its only marker, and the answers count from there", () => {
    const request = conversation(
      user("Go. [scenario:write-file path=a.md text=x]"),
      use("toolu_1"),
      result("toolu_1", "ok"),
    );
    expect(instructionOf(request)).toMatchObject({
      marker: { name: "write-file", values: { path: "a.md", text: "x" } },
      answers: 1,
    });
  });

  test("is that of the newest marker, with the answers after it alone", () => {
    const first = [user("Go. [scenario:say-hello]"), assistant("Hello!")];
    expect(instructionOf(conversation(...first, user("And now [scenario:show-status]")))).toMatchObject({
      marker: { name: "show-status" },
      answers: 0,
    });
    expect(
      instructionOf(
        conversation(
          ...first,
          user("And now [scenario:show-status]"),
          use("toolu_1"),
          result("toolu_1", "ok"),
        ),
      ),
    ).toMatchObject({ marker: { name: "show-status" }, answers: 1 });
  });

  test("goes on through messages without a marker", () => {
    const request = conversation(
      user("Go. [scenario:slow]"),
      assistant("Well"),
      user("Go on."),
      assistant("Well"),
      user("Please."),
    );
    expect(instructionOf(request)).toMatchObject({ marker: { name: "slow" }, answers: 2 });
  });

  test("is changed by a word that comes along with a tool's result, the last of a message", () => {
    const steered = result("toolu_1", "ok", "Rather this: [scenario:slow]", "No, [scenario:say-hello]");
    const request = conversation(user("Go. [scenario:show-status]"), use("toolu_1"), steered);
    expect(instructionOf(request)).toMatchObject({ marker: { name: "say-hello" }, answers: 0 });
  });

  test("is not changed by what a tool printed or the model said", () => {
    const request = conversation(
      user("Go. [scenario:show-status]"),
      use("toolu_1"),
      result("toolu_1", "README: [scenario:slow]"),
      assistant("I saw [scenario:slow]"),
      user("Yes."),
    );
    expect(instructionOf(request)).toMatchObject({ marker: { name: "show-status" }, answers: 2 });
  });

  test("is none without a marker, and every answer counts", () => {
    const request = conversation(
      user("Go."),
      assistant("Hello!"),
      user("Go on."),
      assistant("Well"),
      user("?"),
    );
    expect(instructionOf(request)).toEqual({ marker: null, text: "Go.", answers: 2 });
  });
});
