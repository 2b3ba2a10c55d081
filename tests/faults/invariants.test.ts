import { describe, expect, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import type { TaskFacts } from "./facts.ts";
import {
  answered,
  called,
  factsOf,
  GOOD,
  logOf,
  moved,
  PROMPT_ID,
  phone,
  STEER_ID,
  sent,
  turnStarted,
} from "./good-log.fixture.ts";
import { leftoverViolations, violationsOf } from "./invariants.ts";

const broken = (facts: TaskFacts) => [...new Set(violationsOf(facts).map(({ invariant }) => invariant))];
const without = (type: EventBody["type"]) => GOOD.filter((body) => body.type !== type);
const work = (change: Partial<TaskFacts["work"]>) => ({ work: { ...factsOf().work, ...change } });

test("a good log breaks no invariant", () => {
  expect(violationsOf(factsOf())).toEqual([]);
});

describe("I1 is broken by", () => {
  const log = logOf(GOOD);
  test("a log with a hole", () => {
    const events = logOf(GOOD).filter(({ seq }) => seq !== 5);
    expect(broken(factsOf(GOOD, { events, phones: [] }))).toContain("I1");
  });
  test("a client that misses an event, sees one twice, or sees another than is stored", () => {
    const other = log.map((event) => (event.seq === 6 ? { ...event, attempt: 9 } : event));
    for (const seen of [log.slice(0, -1), [...log.slice(0, 4), ...log.slice(3)], log.toSpliced(4, 1), other])
      expect(broken(factsOf(GOOD, { phones: [phone(log, { seen })] }))).toEqual(["I1"]);
  });
  test("a client that had to forget what it had, or gave up", () => {
    expect(broken(factsOf(GOOD, { phones: [phone(log, { resets: 1 })] }))).toEqual(["I1"]);
    expect(broken(factsOf(GOOD, { phones: [phone(log, { gaveUp: "unauthorized" })] }))).toEqual(["I1"]);
  });
  test("a page that does not begin where it was asked to, or says that there is a gap", () => {
    const page = { status: "ok" as const, events: log.slice(3, 5), lastSeq: log.length };
    expect(broken(factsOf(GOOD, { phones: [phone(log, { pages: [{ after: 2, page }] })] }))).toEqual(["I1"]);
    const gap = { status: "gap" as const, events: [], lastSeq: 1 };
    const pages = [{ after: 2, page: gap }];
    expect(broken(factsOf(GOOD, { phones: [phone(log, { pages })] }))).toEqual(["I1"]);
  });
  test("a task whose lastSeq is not the log's", () => {
    const facts = factsOf();
    expect(broken({ ...facts, task: { ...facts.task, lastSeq: 3 } })).toEqual(["I1"]);
  });
});

describe("I2 is broken by", () => {
  test("a call without a result", () => {
    const bodies = GOOD.filter((body) => body.type !== "tool.finished" || body.toolUseId !== "toolu_2");
    expect(broken(factsOf(bodies))).toEqual(["I2"]);
  });
  test("a call with two results", () => {
    expect(broken(factsOf(GOOD.toSpliced(8, 0, answered("toolu_2"))))).toEqual(["I2"]);
  });
  test("a result that nobody called for, and a call made twice", () => {
    expect(broken(factsOf(GOOD.toSpliced(8, 0, answered("toolu_9"))))).toEqual(["I2"]);
    expect(broken(factsOf(GOOD.toSpliced(8, 0, called("toolu_1"))))).toContain("I2");
  });
  test("but not by an open call of a turn that was run again", () => {
    const bodies = [
      ...GOOD.slice(0, 7),
      moved("running", "failed"),
      turnStarted(1, PROMPT_ID, "Do it.", true),
      moved("failed", "queued"),
      moved("queued", "starting"),
      moved("starting", "running"),
      ...GOOD.slice(8),
    ];
    expect(violationsOf(factsOf(bodies))).toEqual([]);
  });
});

describe("I3 is broken by", () => {
  const facts = (bodies: readonly EventBody[], change: Partial<TaskFacts> = {}) =>
    broken(factsOf(bodies, change));
  const prompt = sent({});
  const steer = sent({ text: "And that.", messageId: STEER_ID });

  test("a message that was taken and is not in the log", () => {
    expect(facts(GOOD, { sent: [prompt, steer, sent({ text: "More.", messageId: "m_9" })] })).toEqual(["I3"]);
  });
  test("a message that was neither delivered nor waits", () => {
    expect(facts(without("user.message"))).toEqual(["I3"]);
    expect(facts(without("user.message"), { waiting: [STEER_ID] })).toEqual([]);
  });
  test("a message that was delivered twice, or queued twice", () => {
    const again: EventBody = { type: "user.message", messageId: STEER_ID, text: "And that." };
    expect(facts(GOOD.toSpliced(9, 0, again))).toEqual(["I3"]);
    const queued: EventBody = { type: "message.queued", messageId: STEER_ID, text: "And that." };
    expect(facts(GOOD.toSpliced(5, 0, queued))).toEqual(["I3"]);
  });
  test("one message under two ids", () => {
    const twin: EventBody = { type: "user.message", messageId: "m_twin", text: "And that." };
    expect(facts(GOOD.toSpliced(9, 0, twin))).toEqual(["I3"]);
  });
  test("a message that was refused and is there, got no answer, or that nobody sent", () => {
    expect(facts(GOOD, { sent: [prompt, { ...steer, outcome: "refused", messageId: null }] })).toEqual([
      "I3",
    ]);
    expect(facts(GOOD, { sent: [prompt, { ...steer, outcome: "unanswered" }] })).toEqual(["I3"]);
    expect(facts(GOOD, { sent: [prompt] })).toEqual(["I3"]);
  });
  test("a message that was withdrawn and delivered, or whose withdrawal is lost", () => {
    const withdrawn: EventBody = { type: "message.withdrawn", messageId: STEER_ID };
    const taken = { sent: [prompt, { ...steer, wasWithdrawn: true }] };
    expect(facts(without("user.message").toSpliced(5, 0, withdrawn), taken)).toEqual([]);
    expect(facts(GOOD.toSpliced(5, 0, withdrawn), taken)).toEqual(["I3"]);
    expect(facts(GOOD, taken)).toEqual(["I3"]);
  });
  test("a change that did not reach the agent", () => {
    const changed = { sent: [prompt, { ...steer, editedTo: "And this." }] };
    expect(facts(GOOD, changed)).toEqual(["I3"]);
  });
  test("a message that still waits after it was delivered", () => {
    expect(facts(GOOD, { waiting: [STEER_ID] })).toEqual(["I3"]);
  });
  test("but not by a message that a retried turn gets again", () => {
    const bodies = [
      ...GOOD.slice(0, 9),
      moved("running", "failed"),
      turnStarted(1, PROMPT_ID, "Do it.", true),
      moved("failed", "queued"),
      moved("queued", "starting"),
      moved("starting", "running"),
      { type: "message.queued", messageId: STEER_ID, text: "And that." } as const,
      ...GOOD.slice(8),
    ];
    expect(facts(bodies)).toEqual([]);
  });
});

describe("I4 is broken by", () => {
  test("two pull requests", () => {
    expect(broken(factsOf(GOOD, work({ pullRequests: 2 })))).toEqual(["I4"]);
  });
  test("work without one, and one without work", () => {
    expect(broken(factsOf(GOOD, work({ pullRequests: 0 })))).toEqual(["I4"]);
    const nothing = { published: null, isAhead: false, turns: new Map([[1, "a"]]) };
    expect(broken(factsOf(GOOD, work(nothing)))).toEqual(["I4"]);
    expect(broken(factsOf(GOOD, work({ ...nothing, pullRequests: 0 })))).toEqual([]);
  });
  test("but not by a finished turn that was stopped before all of it was out", () => {
    const finishedAt = GOOD.findIndex(({ type }) => type === "turn.finished");
    const stopped = GOOD.toSpliced(finishedAt + 1, 0, { type: "turn.stopped" });
    expect(broken(factsOf(stopped, work({ pullRequests: 0 })))).toEqual([]);
    expect(broken(factsOf(GOOD, work({ pullRequests: 0 })))).toEqual(["I4"]);
  });
});

describe("I5 is broken by", () => {
  test("a branch that differs from the last checkpoint, or was never published", () => {
    expect(broken(factsOf(GOOD, work({ published: "c" })))).toEqual(["I5"]);
    expect(broken(factsOf(GOOD, work({ published: null })))).toEqual(["I5"]);
  });
  test("a file that an earlier turn had and a later one has not", () => {
    expect(broken(factsOf(GOOD, work({ lostFiles: ["notes/1.md"] })))).toEqual(["I5"]);
  });
  test("a finished turn without a checkpoint", () => {
    expect(broken(factsOf(GOOD, work({ turns: new Map() })))).toEqual(["I5"]);
  });
  test("but not by work of a turn that was stopped, which is not published", () => {
    const stopped = GOOD.map(
      (body): EventBody => (body.type === "turn.finished" ? { type: "turn.stopped" } : body),
    );
    const unpublished = { published: null, isAhead: false, pullRequests: 0 };
    expect(broken(factsOf(stopped, work(unpublished)))).toEqual([]);
  });
});

test("an archived task is judged by the state that it came to rest in", () => {
  const archived = [...GOOD, moved("idle", "archived")];
  expect(broken(factsOf(archived))).toEqual([]);
  expect(broken(factsOf(archived, work({ pullRequests: 0 })))).toEqual(["I4"]);
  expect(broken(factsOf(archived, work({ published: "c" })))).toEqual(["I5"]);
});

test("I6 is broken by anything that is left over", () => {
  const nothing = { containers: [], volumes: [], sockets: [], leases: [], openAttempts: [] };
  expect(leftoverViolations(nothing)).toEqual([]);
  for (const kind of Object.keys(nothing))
    expect(leftoverViolations({ ...nothing, [kind]: ["one"] })).toMatchObject([{ invariant: "I6" }]);
});

describe("I7 is broken by", () => {
  test("an arrow that is none", () => {
    expect(
      broken(factsOf(GOOD.toSpliced(2, 2, moved("queued", "waiting"), moved("waiting", "running")))),
    ).toEqual(["I7"]);
  });
  test("a change from a state that it was not in", () => {
    expect(broken(factsOf(GOOD.toSpliced(3, 1)))).toEqual(["I7"]);
  });
  test("a task whose state is not its log's", () => {
    const facts = factsOf();
    expect(broken({ ...facts, task: { ...facts.task, state: "failed" } })).toEqual(["I7"]);
  });
  test("a turn that is left out, or starts twice without being a retry", () => {
    const next = (turn: number) => [
      ...GOOD,
      turnStarted(turn, "m_next", "Next."),
      moved("idle", "queued"),
      moved("queued", "cancelled"),
    ];
    const change = { sent: [...factsOf().sent, sent({ text: "Next.", messageId: "m_next" })] };
    expect(broken(factsOf(next(2), change))).toEqual([]);
    expect(broken(factsOf(next(3), change))).toEqual(["I7"]);
    expect(broken(factsOf(next(1), change))).toEqual(["I7"]);
  });
});
