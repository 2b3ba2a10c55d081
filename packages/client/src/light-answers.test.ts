import { expect, test } from "bun:test";
import { fixtures } from "@farhand/protocol/fixtures";
import type { AnswerName } from "./answers.ts";
import { readLightly } from "./light-answers.ts";
import { readStrictly } from "./strict-answers.ts";
import { readFrame } from "./sync/frames.ts";

const page = { status: "ok", events: fixtures.events, lastSeq: fixtures.events.length };

const golden: [AnswerName, unknown][] = [
  ...fixtures.tasks.map((task): [AnswerName, unknown] => ["Task", task]),
  ["TaskPage", { tasks: fixtures.tasks, nextCursor: null }],
  ["EventPage", page],
  ...fixtures.problems.map((it): [AnswerName, unknown] => ["Problem", it]),
  ...fixtures.answers.keys.map((it): [AnswerName, unknown] => ["KeyList", it]),
  ...fixtures.answers.secrets.map((it): [AnswerName, unknown] => ["SecretList", it]),
  ...fixtures.answers.costs.map((it): [AnswerName, unknown] => ["CostReport", it]),
  ...fixtures.answers.settings.map((it): [AnswerName, unknown] => ["Settings", it]),
];

test("every golden answer is read as it is, lightly and strictly", () => {
  for (const [name, body] of golden) {
    expect([name, readLightly(name, body)]).toEqual([name, { ok: true, data: body as never }]);
    expect([name, readStrictly(name, body).ok]).toEqual([name, true]);
  }
});

test("what is new to this version passes lightly, and what is missing does not", () => {
  const [task] = fixtures.tasks as Record<string, unknown>[];
  expect(readLightly("Task", { ...task, hologram: 1, state: "dreaming" }).ok).toBe(true);
  expect(readLightly("Task", { ...task, lastSeq: undefined })).toEqual({
    ok: false,
    why: "lastSeq: not as it should be",
  });
  expect(readLightly("TaskPage", { tasks: [task, { id: 1 }] })).toMatchObject({ ok: false });
  expect(readLightly("TaskPage", {}).ok).toBe(false);
  expect(readLightly("EventPage", { ...page, events: [{ seq: 1 }] }).ok).toBe(false);
  for (const nothing of [undefined, null, "<html>", [], 1])
    expect(readLightly("EgressOverview", nothing).ok).toBe(false);
});

test("every golden frame is read as it is, and one of no use is passed over", () => {
  for (const frame of fixtures.frames.server)
    expect(readFrame(JSON.stringify(frame))).toEqual(frame as never);
  const future = {
    taskId: "t",
    seq: 1,
    attempt: 0,
    at: "2026-03-04T05:06:07.089Z",
    body: { type: "new", x: 1 },
  };
  expect(readFrame(JSON.stringify({ type: "event", event: future }))).toEqual({
    type: "event",
    event: future as never,
  });
  for (const odd of ["{", "1", "null", '{"type":"new"}', '{"type":"event","event":{"seq":"1"}}'])
    expect(readFrame(odd)).toBeNull();
});
