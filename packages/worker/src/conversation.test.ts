import { describe, expect, test } from "bun:test";
import type { ContentBlock, Message } from "@farhand/protocol";
import fc from "fast-check";
import {
  addAnswer,
  addToUser,
  answerInterrupted,
  errorResult,
  INTERRUPTED,
  lastAnswerText,
  sinceUserText,
  toolUses,
} from "./conversation.ts";

const text = (value: string): ContentBlock => ({ type: "text", text: value });
const use = (id: string): ContentBlock => ({ type: "tool_use", id, name: "bash", input: {} });
const result = (id: string): ContentBlock => ({ type: "tool_result", tool_use_id: id, content: "done" });
const user = (...content: ContentBlock[]): Message => ({ role: "user", content });
const assistant = (...content: ContentBlock[]): Message => ({ role: "assistant", content });

describe("an interrupted conversation", () => {
  test("gets an error in place of every result that is missing, ahead of the user's words", () => {
    const messages = [user(text("go")), assistant(use("a"), use("b")), user(text("also this"), result("b"))];
    const answered = answerInterrupted(messages);
    expect(answered.interrupted.map(({ id }) => id)).toEqual(["a"]);
    expect(answered.messages[2]).toEqual(user(result("b"), errorResult("a", INTERRUPTED), text("also this")));
  });

  test("gets a message of its own for them where the user has said nothing", () => {
    const answered = answerInterrupted([user(text("go")), assistant(text("ok"), use("a"))]);
    expect(answered.messages.at(-1)).toEqual(user(errorResult("a", INTERRUPTED)));
  });

  test("that misses nothing stays as it is", () => {
    const messages = [user(text("go")), assistant(use("a")), user(result("a")), assistant(text("done"))];
    expect(answerInterrupted(messages)).toEqual({ messages, interrupted: [] });
    expect(answerInterrupted([])).toEqual({ messages: [], interrupted: [] });
  });

  test("loses its empty text, which the API does not take back", () => {
    const messages = [
      user(text("go")),
      assistant(text(""), use("a")),
      user(result("a")),
      assistant(text(" ")),
    ];
    expect(answerInterrupted(messages).messages).toEqual([
      user(text("go")),
      assistant(use("a")),
      user(result("a")),
    ]);
  });

  test("cut anywhere has exactly one result for every call of its last answer", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(ids, fc.nat(6), fc.boolean(), (all, answered, spoke) => {
        const given = all.slice(0, answered).map(result);
        const after = [...given, ...(spoke ? [text("and")] : [])];
        const messages = [
          user(text("go")),
          assistant(text("ok"), ...all.map(use)),
          ...(after.length ? [user(...after)] : []),
        ];
        const { messages: mended } = answerInterrupted(messages);
        const results = (mended[2]?.content ?? []).filter((block) => block.type === "tool_result");
        expect(results.map((block) => String(block.tool_use_id)).toSorted()).toEqual(all.toSorted());
        expect(mended[2]?.content.slice(0, results.length) ?? []).toEqual(results);
      }),
    );
  });
});

test("roles take turns: what the user adds joins the user's last message", () => {
  const started = addToUser([], [text("go")]);
  expect(addToUser(started, [text("on")])).toEqual([user(text("go"), text("on"))]);
  expect(addToUser([...started, assistant(text("yes"))], [text("on")])).toHaveLength(3);
});

test("an answer without content is not kept", () => {
  expect(addAnswer([user(text("go"))], [text("")])).toEqual([user(text("go"))]);
});

test("the last answer that says something is found behind those that only call tools", () => {
  const messages = [
    user(text("go")),
    assistant(text("first"), text("second")),
    user(text("on")),
    assistant(use("a")),
  ];
  expect(lastAnswerText(messages)).toBe("first\n\nsecond");
  expect(toolUses(messages[3]?.content ?? []).map(({ id }) => id)).toEqual(["a"]);
});

test("what came after the user's last words leaves out earlier turns", () => {
  const earlier = [user(text("go")), assistant(text("done"))];
  const now = [assistant(use("a")), user(result("a")), assistant(text("ok"))];
  expect(sinceUserText([...earlier, user(text("more")), ...now])).toEqual(now);
  expect(sinceUserText([...earlier, user(result("z"), text("more"))])).toEqual([]);
  expect(sinceUserText(now)).toEqual(now);
});
