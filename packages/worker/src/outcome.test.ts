import { describe, expect, test } from "bun:test";
import type { ContentBlock, Message } from "@farhand/protocol";
import fc from "fast-check";
import { fallbackOutcome, finishedOutcome, toTitle } from "./outcome.ts";

const user = (...content: ContentBlock[]): Message => ({ role: "user", content });
const assistant = (...content: ContentBlock[]): Message => ({ role: "assistant", content });
const text = (value: string): ContentBlock => ({ type: "text", text: value });
const finish: ContentBlock = {
  type: "tool_use",
  id: "f",
  name: "finish",
  input: { title: "T", summary: "S" },
};
const result: ContentBlock = { type: "tool_result", tool_use_id: "f", content: "ok", is_error: false };

test("a title is one line of at most 72 characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (value) => {
      const title = toTitle(value);
      expect([...title].length).toBeLessThanOrEqual(72);
      expect(title).not.toContain("\n");
    }),
  );
  expect(toTitle("\n  Mend the sum  \nbecause it is wrong")).toBe("Mend the sum");
  expect(toTitle("x".repeat(73))).toBe(`${"x".repeat(71)}…`);
});

test("without a call of finish the prompt gives the title and the last words the summary", () => {
  const messages = [
    user(text("Mend it\nplease")),
    assistant(text("Looking")),
    user(result),
    assistant(text("Mended.")),
  ];
  expect(fallbackOutcome(messages)).toEqual({ title: "Mend it", summary: "Mended." });
  expect(fallbackOutcome([]).title).not.toBe("");
});

test("the last words of an earlier turn are not the summary of this one", () => {
  const bash = { ...finish, name: "bash" };
  const messages = [user(text("go")), assistant(text("Mended.")), user(text("more")), assistant(bash)];
  expect(fallbackOutcome(messages).title).toBe("go");
  expect(fallbackOutcome(messages).summary).not.toContain("Mended");
});

describe("a conversation that an earlier attempt left", () => {
  test("is finished when its last answer called finish or no tool", () => {
    expect(finishedOutcome([user(text("go")), assistant(finish), user(result)])).toEqual({
      title: "T",
      summary: "S",
    });
    expect(finishedOutcome([user(text("go")), assistant(text("done"))])).toEqual({
      title: "go",
      summary: "done",
    });
  });

  test("goes on when a tool was interrupted, another tool was called or the user said more", () => {
    const interrupted = { ...result, is_error: true };
    const bash = { ...finish, name: "bash" };
    expect(finishedOutcome([user(text("go")), assistant(finish), user(interrupted)])).toBeNull();
    expect(finishedOutcome([user(text("go")), assistant(bash), user(result)])).toBeNull();
    expect(finishedOutcome([user(text("go")), assistant(finish), user(result, text("more"))])).toBeNull();
    expect(finishedOutcome([user(text("go"))])).toBeNull();
  });

  test("is looked at from the turn's opening on", () => {
    const earlier = [user(text("go")), assistant(finish)];
    expect(finishedOutcome([...earlier, user(result, text("more"))])).toBeNull();
    const again = { ...finish, id: "g", input: { title: "T2", summary: "S2" } };
    const ended = { ...result, tool_use_id: "g" };
    expect(finishedOutcome([...earlier, user(result, text("more")), assistant(again), user(ended)])).toEqual({
      title: "T2",
      summary: "S2",
    });
  });
});
