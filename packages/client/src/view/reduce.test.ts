import { describe, expect, test } from "bun:test";
import type { EventBody, TaskEvent } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import fc from "fast-check";
import {
  anyLog,
  call,
  created,
  finished,
  longLog,
  makeEvents,
  says,
  started,
  state,
  turn,
  used,
} from "../../test/logs.ts";
import { chatRows } from "./chat.ts";
import { applyDelta, applyEvents, applyWhole, breakLive } from "./reduce.ts";
import type { Row, StepsRow } from "./rows.ts";
import { EMPTY_VIEW, isDiscarded, type TaskView } from "./task-view.ts";

const view = (...bodies: Parameters<typeof makeEvents>[0]) =>
  applyEvents(EMPTY_VIEW, makeEvents([created, turn(1), ...bodies]));
const rows = (of: TaskView): readonly Row[] => of.rows.toArray();
const kinds = (of: TaskView) => rows(of).map(({ kind }) => kind);
const steps = (of: TaskView) => rows(of).filter((row): row is StepsRow => row.kind === "steps");
const find = <K extends Row["kind"]>(of: TaskView, kind: K) =>
  rows(of).findLast((row): row is Extract<Row, { kind: K }> => row.kind === kind);

/** A view as plain data, so that all of it is compared. */
const plain = (of: TaskView): unknown =>
  JSON.parse(
    JSON.stringify({
      ...of,
      rows: rows(of),
      turns: of.turns.toArray(),
      timeline: of.timeline.toArray(),
      early: [...of.early].sort(([a], [b]) => a - b),
      open: {
        ...of.open,
        tools: [...of.open.tools],
        questions: [...of.open.questions],
        hosts: [...of.open.hosts],
      },
    }),
  );

describe("the same events make the same view", () => {
  const whole = (log: TaskEvent[]) => plain(applyEvents(EMPTY_VIEW, log));

  test("however they are split, repeated and put out of order", () => {
    fc.assert(
      fc.property(
        anyLog.chain((log) =>
          fc.record({
            log: fc.constant(log),
            batches: fc.array(fc.array(fc.integer({ min: 0, max: log.length - 1 }), { maxLength: 8 })),
            rest: fc.shuffledSubarray(log, { minLength: log.length }),
            size: fc.integer({ min: 1, max: 9 }),
          }),
        ),
        ({ log, batches, rest, size }) => {
          let got = EMPTY_VIEW;
          for (const batch of batches)
            got = applyEvents(
              got,
              batch.flatMap((at) => log[at] ?? []),
            );
          for (let at = 0; at < rest.length; at += size) got = applyEvents(got, rest.slice(at, at + size));
          expect(plain(got)).toEqual(whole(log));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("and events that have not come are waited for, not passed over", () => {
    const log = makeEvents([created, turn(1), says("a", { text: "One." }), says("b", { text: "Two." })]);
    const hole = applyEvents(EMPTY_VIEW, log.toSpliced(2, 1));
    expect(hole.seq).toBe(2);
    expect(kinds(hole)).toEqual(["user"]);
    expect(kinds(applyEvents(hole, log.slice(2, 3)))).toEqual(["user", "assistant", "assistant"]);
  });

  test("while deltas leave nothing behind", () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.integer({ min: 0, max: 62 }), { maxLength: 10 }), (log, places) => {
        let got = EMPTY_VIEW;
        for (const [at, event] of log.entries()) {
          if (places.includes(at))
            got = applyDelta(got, {
              messageId: `msg${(at % 4) + 1}`,
              index: at % 2,
              kind: "text",
              text: "x",
            });
          got = applyEvents(got, [event]);
        }
        expect(plain({ ...got, live: null })).toEqual(whole(log));
      }),
    );
  });

  test("rows have ids of their own and keep them", () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        let got = EMPTY_VIEW;
        let before: string[] = [];
        for (const event of log) {
          got = applyEvents(got, [event]);
          const ids = rows(got).map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.slice(0, before.length)).toEqual(before);
          before = ids;
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("one more event", () => {
  const log = longLog(10_000);
  const before = applyEvents(EMPTY_VIEW, log);

  test("changes only the rows that it is about, and shares all others", () => {
    const next = makeEvents([says("new", { text: "Another." })], log.length + 1);
    const after = applyEvents(before, next);
    expect(after.rows.length).toBe(before.rows.length + 1);
    for (let at = 0; at < before.rows.length; at++) expect(after.rows.get(at)).toBe(before.rows.get(at));
  });

  test("allocates a bounded number of list nodes, whatever the length of the task", () => {
    const after = applyEvents(before, makeEvents([says("new", { text: "Another." })], log.length + 1));
    const nodes = (root: readonly unknown[], depth: number): Set<unknown> => {
      const found = new Set<unknown>([root]);
      if (depth > 0)
        for (const child of root) for (const node of nodes(child as unknown[], depth - 1)) found.add(node);
      return found;
    };
    const old = nodes(before.rows.root, before.rows.depth);
    const added = [...nodes(after.rows.root, after.rows.depth)].filter((node) => !old.has(node));
    expect(added.length).toBeLessThanOrEqual(after.rows.depth + 2);
  });

  test("that is known already, or a piece that is too late, gives the very same view", () => {
    expect(applyEvents(before, log.slice(-20))).toBe(before);
    const answered = view(says("msg1", { text: "All of it." }));
    expect(applyDelta(answered, { messageId: "msg1", index: 0, kind: "text", text: "All" })).toBe(answered);
  });
});

describe("tool calls", () => {
  const ls = call("t1", "bash", { command: "ls -la" });

  test("are paired with their results, wherever those stand", () => {
    const got = view(says("a", ls), started("t1", "bash", "ls -la"), used(1), finished("t1", "README.md"));
    expect(kinds(got)).toEqual(["user", "steps"]);
    expect(steps(got)[0]?.steps[0]).toMatchObject({
      name: "bash",
      command: "ls -la",
      label: "ls -la",
      status: "done",
      exitCode: 0,
      durationMs: 5,
      output: "README.md",
    });
    expect(got.open.tools.size).toBe(0);
  });

  test("in a row are one row, with thoughts between them, and say which files they changed", () => {
    const edit = (id: string, path: string) => call(id, "edit", { file_path: path });
    const got = view(
      says("a", { text: "I begin." }, ls),
      finished("t1"),
      says("b", { type: "thinking", thinking: "Hm." }, edit("t2", "a.ts"), edit("t3", "b.ts")),
      finished("t2", "ok", false, "edit"),
      finished("t3", "ok", false, "edit"),
      says("c", edit("t4", "a.ts")),
      started("t4", "edit", "a.ts"),
    );
    expect(kinds(got)).toEqual(["user", "assistant", "steps"]);
    expect(steps(got)[0]).toMatchObject({ toolCount: 4, changedFiles: ["a.ts", "b.ts"], isRunning: true });
    expect(steps(got)[0]?.steps.map(({ kind }) => kind)).toEqual([
      "tool",
      "thinking",
      "tool",
      "tool",
      "tool",
    ]);
  });

  test("tell the exit code where the log has it, and an interruption from a failure", () => {
    const result = (content: string, durationMs = 5): EventBody => ({
      ...(finished("t1", content, true) as Extract<EventBody, { type: "tool.finished" }>),
      durationMs,
    });
    const outcome = (body: EventBody) => steps(view(says("a", ls), started("t1"), body))[0]?.steps[0];
    expect(outcome(result("exit 3"))).toMatchObject({ status: "failed", exitCode: 3 });
    expect(outcome(result("error: no such file"))).toMatchObject({ status: "failed", exitCode: null });
    expect(outcome({ ...result("2 tests failed"), exitCode: 1 } as EventBody)).toMatchObject({
      status: "failed",
      exitCode: 1,
      output: "2 tests failed",
    });
    // It printed that, and ended otherwise.
    expect(outcome({ ...result("exit 3"), exitCode: 4 } as EventBody)).toMatchObject({ exitCode: 4 });
    expect(outcome(result("interrupted: the sandbox ended", 0))).toMatchObject({ status: "interrupted" });
  });

  test("that a worker of another version reports by their result alone are shown", () => {
    expect(steps(view(finished("unheard", "out")))[0]?.steps[0]).toMatchObject({
      output: "out",
      status: "done",
    });
  });

  test("remember that their output was cut", () => {
    const notice: EventBody = { type: "notice", level: "info", code: "output_truncated", message: "Cut." };
    const got = view(says("a", ls), started("t1"), notice, finished("t1"));
    expect(kinds(got)).toEqual(["user", "steps"]);
    expect(steps(got)[0]?.steps[0]).toMatchObject({ isTruncated: true });
  });
});

describe("messages", () => {
  const queued = (n: number): EventBody => ({ type: "message.queued", messageId: `m${n}`, text: `${n}` });

  test("wait in their order, and are part of the chat once they are delivered", () => {
    const got = view(
      state("queued", "running"),
      queued(1),
      queued(2),
      queued(3),
      { type: "messages.reordered", messageIds: ["m3", "m1", "m2"] },
      { type: "message.edited", messageId: "m1", text: "one" },
      { type: "message.withdrawn", messageId: "m2" },
      { type: "user.message", messageId: "m3", text: "3" },
    );
    expect(got.waiting.map(({ text }) => text)).toEqual(["one"]);
    expect(find(got, "user")).toMatchObject({ text: "3", role: "steering" });
    expect(chatRows(got).at(-1)).toMatchObject({ kind: "pending", status: "steering", text: "one" });
    const idle = applyEvents(got, makeEvents([state("running", "idle")], got.seq + 1));
    expect(chatRows(idle).at(-1)).toMatchObject({ kind: "pending", status: "queued" });
  });

  test("open the next turn without being shown twice", () => {
    const got = view(queued(2), { ...turn(2), messageId: "m2", text: "2" } as EventBody);
    expect(got.waiting).toEqual([]);
    expect(rows(got).filter(({ kind }) => kind === "user")).toHaveLength(2);
  });
});

describe("an answer that streams", () => {
  const piece = (text: string, index = 0, kind: "text" | "thinking" | "tool_input" = "text") => ({
    messageId: "msg1",
    index,
    kind,
    text,
  });

  test("keeps its rows' ids when it is finished", () => {
    const live = [piece("Hm.", 0, "thinking"), piece("Hel", 1), piece("lo", 1)].reduce(applyDelta, view());
    const streamed = chatRows(live).slice(-2);
    expect(streamed).toMatchObject([
      { kind: "thinking", text: "Hm.", isStreaming: true },
      { kind: "assistant", text: "Hello", isStreaming: true },
    ]);
    const event = makeEvents([says("msg1", { type: "thinking", thinking: "Hm." }, { text: "Hello." })], 3);
    const done = applyEvents(live, event);
    expect(chatRows(done).slice(-2)).toMatchObject([
      { id: streamed[0]?.id, isStreaming: false },
      { id: streamed[1]?.id, text: "Hello.", isStreaming: false },
    ]);
    expect(done.live).toBeNull();
  });

  test("is dropped when the model is asked again and when the turn ends", () => {
    const live = applyDelta(view(state("queued", "running")), piece("Hel"));
    const retry: EventBody = { type: "notice", level: "warning", code: "model_retry", message: "Again." };
    expect(applyEvents(live, makeEvents([retry], 4)).live).toBeNull();
    expect(applyEvents(live, makeEvents([state("running", "idle")], 4)).live).toBeNull();
  });

  test("gets no piece behind a hole, and goes on from what is told whole", () => {
    const heard = applyDelta(view(state("queued", "running")), piece("Hel"));
    const broken = applyDelta(breakLive(heard), piece("world"));
    expect(chatRows(broken).at(-1)).toMatchObject({ text: "Hel" });
    const whole = applyWhole(broken, piece("Hello, "));
    const more = applyWhole(whole, piece("{", 1, "tool_input"));
    expect(chatRows(applyDelta(more, piece("world"))).slice(-2)).toMatchObject([
      { kind: "assistant", text: "Hello, world", id: chatRows(heard).at(-1)?.id },
      { kind: "preparing" },
    ]);
  });

  test("is told whole as often as it may be, and not after its end", () => {
    const once = applyWhole(view(state("queued", "running")), piece("Hello"));
    expect(applyWhole(once, piece("Hello"))).toEqual(once);
    const done = applyEvents(once, makeEvents([says("msg1", { text: "Hello." })], once.seq + 1));
    expect(applyWhole(done, piece("Hello"))).toBe(done);
  });
});

describe("waits", () => {
  const waiting = state("running", "waiting");
  const limit = { maxUsd: 1, maxTokens: null };
  const reached: EventBody = { type: "budget.reached", scope: "task", limit, spent: { usd: 1, tokens: 9 } };

  test("for a limit are open until the agent goes on", () => {
    const open = view(reached, waiting);
    expect(find(open, "budget")).toMatchObject({ status: "open" });
    expect(open.header?.budgetReached).toMatchObject({ scope: "task" });
    const past = applyEvents(open, makeEvents([state("waiting", "running")], 5));
    expect(find(past, "budget")).toMatchObject({ status: "past" });
    expect(past.header?.budgetReached).toBeNull();
  });

  test("for a limit stay open while the task has no sandbox, and also when it never got one", () => {
    const delayed: EventBody = { type: "task.delayed", code: "budget_reached", message: "Used up." };
    const suspended = view(reached, waiting, state("waiting", "queued"), delayed);
    const begun = view(state("idle", "queued"), reached, delayed);
    for (const held of [suspended, begun]) {
      expect(find(held, "budget")).toMatchObject({ status: "open" });
      expect(held.open.budget).not.toBeNull();
      expect(held.header).toMatchObject({ budgetReached: { scope: "task" } });
      const next = held.seq + 1;
      const claimed = applyEvents(held, makeEvents([state("queued", "starting")], next));
      expect(find(claimed, "budget")).toMatchObject({ status: "past" });
      expect(claimed.header?.budgetReached).toBeNull();
    }
  });

  test("for the task's own limit are over when it is raised enough, though no sandbox is free", () => {
    const delayed: EventBody = { type: "task.delayed", code: "budget_reached", message: "Used up." };
    const held = view(state("idle", "queued"), reached, delayed);
    const raise = (maxUsd: number | null): EventBody => ({ type: "budget.changed", maxUsd, maxTokens: null });
    const after = (body: EventBody, of = held) => applyEvents(of, makeEvents([body], of.seq + 1));
    expect(find(after(raise(1)), "budget")).toMatchObject({ status: "open" });
    const raised = after(raise(2));
    expect(find(raised, "budget")).toMatchObject({ status: "past" });
    expect(raised.header).toMatchObject({ budgetReached: null, delayedBy: null });
    const byDay = view(state("idle", "queued"), { ...reached, scope: "day" }, delayed);
    expect(find(after(raise(2), byDay), "budget")).toMatchObject({ status: "open" });
  });

  test("for a limit have one open card, the newest", () => {
    const next = view(reached, waiting, { ...reached, scope: "day" });
    const cards = rows(next).filter((row) => row.kind === "budget");
    expect(cards).toMatchObject([
      { status: "past", use: { scope: "task" } },
      { status: "open", use: { scope: "day" } },
    ]);
  });

  test("for an answer take it, or are over with the turn", () => {
    const asked = {
      type: "question.asked",
      questionId: "q1",
      question: "Which?",
      options: ["a", { label: "b" }],
    };
    const open = view(asked, waiting);
    expect(find(open, "question")).toMatchObject({ status: "open", options: ["a", "b"] });
    const answered = { type: "question.answered", questionId: "q1", answer: "b" };
    expect(find(view(asked, waiting, answered), "question")).toMatchObject({
      status: "answered",
      answer: "b",
    });
    expect(find(view(asked, waiting, state("waiting", "cancelled")), "question")).toMatchObject({
      status: "past",
    });
  });

  test("for an answer are cards alone, and no step beside them", () => {
    const ask = says("a", call("q1", "ask_user", { question: "Which?" }));
    const asked = { type: "question.asked", questionId: "q1", question: "Which?", options: [] };
    const answered = { type: "question.answered", questionId: "q1", answer: "b" };
    const result = finished("q1", "b", false, "ask_user");
    expect(kinds(view(ask, started("q1", "ask_user"), asked, answered, result))).toEqual([
      "user",
      "question",
    ]);
    const closed = { type: "question.closed", questionId: "q1" };
    const failed = finished("q1", "interrupted: the turn ended", true, "ask_user");
    expect(kinds(view(ask, started("q1", "ask_user"), asked, closed, failed))).toEqual(["user", "question"]);
    // One that never became a question is the only trace of what went wrong.
    expect(kinds(view(ask, started("q1", "ask_user"), failed))).toEqual(["user", "steps"]);
  });

  test("for a look at the commit are asked for after the turn's end", () => {
    const failure = {
      code: "approval_needed",
      message: "CI changes.",
      action: "Look.",
      retryable: true,
    } as const;
    const open = view(state("running", "failed", failure));
    expect(kinds(open).slice(-2)).toEqual(["turn_end", "approval"]);
    const given: EventBody = { type: "approval.given", kind: "workflows", commit: "0".repeat(40) };
    expect(find(applyEvents(open, makeEvents([given], 4)), "approval")).toMatchObject({ status: "given" });
    expect(find(applyEvents(open, makeEvents([turn(2)], 4)), "approval")).toMatchObject({ status: "past" });
  });

  test("for a host know when it was allowed", () => {
    const refused = (port: number, rule: "not_listed" | "private_address"): EventBody => ({
      type: "egress.refused",
      host: "example.com",
      port,
      rule,
    });
    const got = view(refused(8443, "not_listed"), { type: "egress.allowed", host: "example.com:8443" });
    expect(find(got, "host")).toMatchObject({ pattern: "example.com:8443", status: "allowed" });
    expect(find(view(refused(443, "private_address")), "host")).toMatchObject({ status: "blocked" });
  });
});

describe("turns", () => {
  const end: EventBody[] = [
    state("queued", "running"),
    used(0.25),
    used(0.5),
    { type: "checkpoint.saved", turn: 1, commit: "a".repeat(40), isFinal: true },
    { type: "turn.finished", title: "Rounds", summary: "It rounds." },
    {
      type: "branch.published",
      branch: "farhand/x",
      commit: "b".repeat(40),
      filesChanged: 2,
      insertions: 3,
      deletions: 1,
    },
    { type: "pull_request.opened", url: "https://example.com/7", number: 7, existed: false },
    state("running", "idle"),
  ];

  test("end with what they cost and left behind", () => {
    const got = view(...end);
    expect(kinds(got)).toEqual(["user", "pull_request", "turn_end"]);
    expect(find(got, "turn_end")).toMatchObject({
      outcome: "finished",
      title: "Rounds",
      costUsd: 0.75,
      isCostPartial: false,
      durationMs: 8000,
      checkpoint: "a".repeat(40),
      changes: { filesChanged: 2, insertions: 3, deletions: 1 },
    });
    expect(got.header).toMatchObject({
      state: "idle",
      costUsd: 0.75,
      title: "Rounds",
      pullRequest: { number: 7 },
    });
    expect(view(turn(2), used(null)).header).toMatchObject({ turnCostUsd: 0, isCostPartial: true });
  });

  test("that were stopped, cancelled or failed say so", () => {
    const outcome = (...bodies: EventBody[]) => find(view(...bodies), "turn_end")?.outcome;
    expect(outcome({ type: "turn.stopped" }, state("running", "idle"))).toBe("stopped");
    expect(outcome(state("queued", "idle"))).toBe("stopped");
    expect(outcome(state("running", "cancelled"))).toBe("cancelled");
    expect(outcome(state("running", "failed"))).toBe("failed");
  });

  test("that were rolled back or are run again are out of the conversation", () => {
    const rolled = view(...end, turn(2), says("b", { text: "Two." }), state("running", "idle"), {
      type: "task.rolled_back",
      turn: 1,
      commit: "a".repeat(40),
    });
    const out = rows(rolled).filter((row) => isDiscarded(rolled, row));
    expect(out.map(({ turn: number }) => number)).toEqual([2, 2, 2]);
    expect(rolled.turns.toArray().map((info) => info.isDiscarded)).toEqual([false, true]);

    const again = view(
      says("a", { text: "One." }),
      state("running", "failed"),
      turn(1, "Mend the test.", true),
    );
    expect(rows(again).map((row) => isDiscarded(again, row))).toEqual([true, true, true, false]);
  });
});

test("what this version does not know is shown as such and never vanishes", () => {
  const block = { type: "hologram", data: 1 };
  const got = view({ type: "from.the.future" }, says("a", block), { type: "turn.failed" });
  expect(rows(got).slice(1)).toMatchObject([
    { kind: "unknown", type: "from.the.future" },
    { kind: "unknown", type: "hologram" },
    { kind: "unknown", type: "turn.failed" },
  ]);
});

test("every golden event of the protocol is known", () => {
  const golden = (fixtures.events as TaskEvent[]).map((event, index) => ({ ...event, seq: index + 1 }));
  expect(kinds(applyEvents(EMPTY_VIEW, golden))).not.toContain("unknown");
});
