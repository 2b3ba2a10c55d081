import { expect, test } from "bun:test";
import type { FollowItem } from "@farhand/client";
import { cannedRun, cannedSecondTurn, TASK_ID } from "../../test/canned-run.ts";
import { EMPTY_TRANSCRIPT, isAtRest, readItem } from "./transcript.ts";

function read(items: FollowItem[]) {
  let transcript = EMPTY_TRANSCRIPT;
  const passages = items.flatMap((item) => {
    const step = readItem(transcript, item);
    transcript = step.transcript;
    return step.passages;
  });
  const prose = passages.flatMap((passage) => (passage.type === "prose" ? [passage.text] : []));
  return { transcript, passages, prose: prose.join("") };
}

const delta = (text: string, index = 0): FollowItem => ({
  type: "delta",
  delta: { messageId: "msg_1", index, kind: "text", text },
});
const message = (text: string, seq = 1): FollowItem => ({
  type: "event",
  event: {
    taskId: TASK_ID,
    seq,
    attempt: 1,
    at: "2026-01-02T03:04:05.000Z",
    body: {
      type: "assistant.message",
      messageId: "msg_1",
      model: "claude-sonnet-5-5",
      content: [{ type: "text", text }],
      stopReason: "end_turn",
    },
  },
});
const lost: FollowItem = { type: "connection", status: "lost", retryInMs: 5 };
const live: FollowItem = { type: "connection", status: "live" };

test("the figures of a run add up", () => {
  const { transcript } = read(cannedRun());
  expect(transcript).toMatchObject({
    state: "idle",
    failure: null,
    modelCalls: 3,
    usage: { inputTokens: 120, outputTokens: 480, cacheCreationInputTokens: 900, cacheReadInputTokens: 6300 },
    branch: "farhand/mend-the-cart-total",
    pullRequestUrl: "https://github.com/acme/cart/pull/7",
    published: { filesChanged: 2, insertions: 2, deletions: 1 },
  });
  expect(transcript.runningTools.size).toBe(0);
  expect(isAtRest(transcript.state)).toBe(true);
});

test("an answer that streamed is not said again when it is finished", () => {
  expect(read([delta("Hello "), delta("world"), message("Hello world")]).prose).toBe("Hello world");
});

test("an answer that did not stream, or only in part, is said by its event", () => {
  expect(read([message("Hello world")]).prose).toBe("Hello world");
  expect(read([delta("Hello "), message("Hello world")]).prose).toBe("Hello world");
});

test("pieces after a lost connection wait for the finished answer", () => {
  const { prose } = read([
    live,
    delta("Hello "),
    lost,
    live,
    delta("ld, again"),
    message("Hello world, again"),
  ]);
  expect(prose).toBe("Hello world, again");
});

test("what was missed of an answer is said behind what was printed, once it is told whole", () => {
  const whole = (text: string): FollowItem => ({
    type: "delta",
    delta: { messageId: "msg_1", index: 0, kind: "text", text },
    isWhole: true,
  });
  const said = [live, delta("Hello "), lost, live, whole("Hello wor"), delta("ld")];
  expect(read(said).prose).toBe("Hello world");
  expect(read([...said, whole("Hello world"), message("Hello world")]).prose).toBe("Hello world");
  // A piece that got lost on its way to the server: the event says it.
  const { prose } = read([
    live,
    delta("Helo"),
    lost,
    live,
    whole("Hello wor"),
    delta("ld"),
    message("Hello world"),
  ]);
  expect(prose).toBe("HeloHello world");
});

test("a lost connection is told once, however many tries it takes", () => {
  const { passages } = read([live, lost, lost, lost, live]);
  expect(passages.filter((passage) => passage.type === "notice")).toHaveLength(1);
});

test("a log that begins again is shown from its start", () => {
  const { transcript, passages } = read([...cannedRun(), { type: "reset" }]);
  expect(transcript).toEqual(EMPTY_TRANSCRIPT);
  expect(passages.at(-1)).toMatchObject({ type: "notice", level: "warning" });
});

test("the figures of a turn begin anew, and what it is about is shown", () => {
  const { transcript, passages } = read([...cannedRun(), ...cannedSecondTurn()]);
  expect(transcript).toMatchObject({
    state: "idle",
    turn: 2,
    title: "Add the tax",
    modelCalls: 0,
    published: null,
    branch: "farhand/mend-the-cart-total",
    startedAtMs: Date.parse("2026-01-02T04:00:00.000Z"),
  });
  const said = passages.flatMap((passage) => (passage.type === "user" ? [passage.text] : []));
  expect(said).toEqual(["Now the tax as well.", "Round it up."]);
  const headers = passages.filter(({ type }) => type === "header");
  expect(headers).toHaveLength(1);
});

test("only a turn's own checkpoint is worth a line", () => {
  const notes = (items: FollowItem[]) =>
    read(items).passages.filter((passage) => passage.type === "note" && passage.text.includes("checkpoint"));
  expect(notes(cannedRun())).toHaveLength(1);
  expect(notes(cannedSecondTurn())).toHaveLength(0);
});

test("a turn that was stopped is known as such until the next one", () => {
  const stopped: FollowItem = {
    type: "event",
    event: {
      taskId: TASK_ID,
      seq: 2,
      attempt: 1,
      at: "2026-01-02T03:04:05.000Z",
      body: { type: "turn.stopped" },
    },
  };
  expect(read([...cannedRun(), stopped]).transcript.wasStopped).toBe(true);
  expect(read([...cannedRun(), stopped, ...cannedSecondTurn()]).transcript.wasStopped).toBe(false);
});

test("a task that waits for more money says what is used up and what can be done", () => {
  const use = {
    scope: "task" as const,
    limit: { maxUsd: 5, maxTokens: null },
    spent: { usd: 5.02, tokens: 1 },
  };
  const event = (body: object): FollowItem => ({
    type: "event",
    event: { taskId: TASK_ID, seq: 1, attempt: 1, at: "2026-01-02T03:04:05.000Z", body: body as never },
  });
  const { passages } = read([
    event({ type: "budget.reached", ...use }),
    event({ type: "budget.reached", ...use, scope: "day" }),
  ]);
  const id = TASK_ID.slice(-6);
  expect(passages.map((passage) => (passage.type === "notice" ? passage.text : ""))).toEqual([
    `The budget is used up: $5.02 of $5.00 for this task. The agent waits. Raise it with farhand budget ${id} --usd AMOUNT, or end the turn with farhand stop ${id}.`,
    `The budget is used up: $5.02 of $5.00 for today (UTC). The agent waits. Raise it with farhand budget --day --usd AMOUNT, or end the turn with farhand stop ${id}.`,
  ]);
});

test("a refused host can be allowed where that helps, and for an encrypted name the switch is told", () => {
  const refused = (rule: "not_listed" | "server_name" | "encrypted_name"): FollowItem => ({
    type: "event",
    event: {
      taskId: TASK_ID,
      seq: 1,
      attempt: 1,
      at: "2026-01-02T03:04:05.000Z",
      body: { type: "egress.refused", host: "a.example.com", port: 443, rule },
    },
  });
  const said = (rule: Parameters<typeof refused>[0]) => JSON.stringify(read([refused(rule)]).passages);
  expect(said("not_listed")).toContain(`farhand allow ${TASK_ID} a.example.com`);
  for (const rule of ["server_name", "encrypted_name"] as const)
    expect(said(rule)).not.toContain("farhand allow");
  expect(said("encrypted_name")).toContain("ech_enabled");
});
