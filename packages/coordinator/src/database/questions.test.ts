import { describe, expect, test } from "bun:test";
import { ASK_USER_TOOL, type EventBody, type WorkerEvent } from "@farhand/protocol";
import fc from "fast-check";
import { messageId, newTask, openStores, taskId } from "../../test/stores.ts";
import { send } from "../domain/message-decisions.ts";
import { answerQuestion } from "../domain/question-decisions.ts";
import { isActive } from "../domain/task-state.ts";
import { endEarly, retry } from "../domain/turn-decisions.ts";
import { endTurn, MOST_LOSSES, type TurnEnd } from "../domain/turn-end.ts";
import { unanswered, waitForAnswer } from "../run/question-calls.ts";

const id = taskId(1);
const never = new AbortController().signal;
const lost: TurnEnd = {
  kind: "lost",
  failure: { code: "worker_died", message: "Gone.", action: "Wait.", retryable: true },
};

/** A task whose agent has called a tool beside the question, and then asked. */
async function asked() {
  const stores = await openStores();
  await stores.tasks.create(newTask(1));
  await stores.tasks.claim(id, { owner: "x", untilMs: 0 });
  let n = 0;
  let attempt = 1;
  const report = (...events: WorkerEvent[]) =>
    stores.log.appendFromWorker(
      id,
      attempt,
      events.map((event) => ({ n: ++n, at: "2026-01-01T00:00:01.000Z", event })),
    );
  const toolUse = (toolId: string, name: string) => ({ type: "tool_use", id: toolId, name, input: {} });
  await report(
    { type: "worker.ready", version: "1", startMs: 1 },
    {
      type: "assistant.message",
      messageId: "msg_1",
      model: "m",
      content: [toolUse("toolu_1", ASK_USER_TOOL), toolUse("toolu_2", "bash")],
      stopReason: "tool_use",
    },
    { type: "tool.started", toolUseId: "toolu_1", name: ASK_USER_TOOL, label: "Which?" },
    { type: "question.asked", questionId: "toolu_1", question: "Which?", options: ["a", "b"] },
  );
  const task = async () => {
    const found = await stores.tasks.get(id);
    if (!found) throw new Error("no task");
    return found;
  };
  return {
    ...stores,
    report,
    task,
    /** The agent asks again, in an answer of its own. */
    ask: (questionId: string) =>
      report(
        {
          type: "assistant.message",
          messageId: `msg_${questionId}`,
          model: "m",
          content: [toolUse(questionId, ASK_USER_TOOL)],
          stopReason: "tool_use",
        },
        { type: "question.asked", questionId, question: "And?" },
      ),
    bodies: async () => (await stores.log.read(id, 0, 1000)).events.map(({ body }) => body),
    answer: (answer: string, answerId = answer, questionId = "toolu_1") =>
      stores.tasks.change(id, (facts) => answerQuestion(facts, { questionId, answer, answerId })),
    end: (end: TurnEnd) => stores.tasks.change(id, (facts) => endTurn(facts, end)),
    wait: (signal = never) => waitForAnswer(stores, id, "toolu_1", signal),
    nextAttempt: async () => {
      await stores.attempts.end(id, attempt, null);
      await stores.tasks.claim(id, { owner: "x", untilMs: 0 });
      attempt += 1;
      n = 0;
      await report({ type: "worker.ready", version: "1", startMs: 1 });
    },
  };
}

const results = (bodies: EventBody[]) =>
  bodies.flatMap((body) =>
    body.type === "tool.finished" ? [[body.toolUseId, body.isError, body.content]] : [],
  );
const INTERRUPTED = expect.stringContaining("interrupted");

describe("a question", () => {
  test("makes the task wait, and its answer lets it go on and reaches the worker that waits for it", async () => {
    await using world = await asked();
    expect(await world.task()).toMatchObject({
      state: "waiting",
      question: { questionId: "toolu_1", question: "Which?", options: ["a", "b"] },
    });
    const waiting = world.wait();
    const task = await world.answer("b");
    expect(task).toMatchObject({ state: "running", question: null });
    expect(await waiting).toEqual({ status: "answered", answer: "b" });
    // The worker reports the result itself.
    expect(results(await world.bodies())).toEqual([]);
    expect((await world.bodies()).map(({ type }) => type).slice(-3)).toEqual([
      "state.changed",
      "question.answered",
      "state.changed",
    ]);
  });

  test("is answered once: the same answer again changes nothing, another is refused", async () => {
    await using world = await asked();
    await world.answer("b", "a_1");
    const { lastSeq } = await world.task();
    expect((await world.answer("b", "a_1")).lastSeq).toBe(lastSeq);
    expect(world.answer("a", "a_2")).rejects.toMatchObject({
      code: "conflict",
      message: "The question was answered already.",
    });
    expect(world.answer("a", "a_3", "toolu_9")).rejects.toMatchObject({ code: "conflict" });
    expect((await world.task()).lastSeq).toBe(lastSeq);
  });

  test("is waited for no longer than the signal says", async () => {
    await using world = await asked();
    expect(await world.wait(AbortSignal.timeout(5))).toEqual({ status: "open" });
    expect(await waitForAnswer(world, id, "toolu_7", AbortSignal.timeout(5))).toEqual({ status: "open" });
  });

  test("is not answered by a message, which waits and comes after the answer", async () => {
    await using world = await asked();
    await world.tasks.change(id, (facts) => send(facts, { messageId: messageId(5), text: "And be quick." }));
    expect(await world.task()).toMatchObject({ state: "waiting", question: { questionId: "toolu_1" } });
    expect((await world.messages.waiting(id)).map(({ text }) => text)).toEqual(["And be quick."]);
    await world.answer("b");
    const result = { toolUseId: "toolu_1", name: ASK_USER_TOOL, isError: false, content: "b", durationMs: 1 };
    await world.report({ type: "tool.finished", ...result });
    expect(await world.messages.take(id, 1, 0)).toMatchObject([{ text: "And be quick." }]);
  });

  test("does not end a wait for a budget", async () => {
    await using world = await asked();
    const use = {
      scope: "task" as const,
      limit: { maxUsd: 1, maxTokens: null },
      spent: { usd: 1, tokens: 1 },
    };
    await world.log.append(id, 1, [{ type: "budget.reached", ...use }]);
    expect(await world.answer("b")).toMatchObject({ state: "waiting", question: null, budgetReached: use });
  });
});

describe("a question whose sandbox is gone", () => {
  test("stays open in the queue, gets no sandbox, and its answer is the call's result", async () => {
    await using world = await asked();
    const task = await world.end(lost);
    expect(task).toMatchObject({ state: "queued", question: { questionId: "toolu_1" } });
    expect(unanswered(task)).toMatchObject({ code: "answer_needed" });
    // The tool behind it never ran; the question itself has no result yet.
    expect(results(await world.bodies())).toEqual([["toolu_2", true, INTERRUPTED]]);
    const answered = await world.answer("b");
    expect(answered).toMatchObject({ state: "queued", question: null });
    expect(unanswered(answered)).toBe(null);
    expect(results(await world.bodies())).toEqual([
      ["toolu_2", true, INTERRUPTED],
      ["toolu_1", false, "b"],
    ]);
    await world.nextAttempt();
    expect(await world.task()).toMatchObject({ state: "running" });
  });

  test("after it was answered and before the worker said so, keeps its answer", async () => {
    await using world = await asked();
    await world.answer("b");
    await world.end(lost);
    expect(results(await world.bodies())).toEqual([
      ["toolu_1", false, "b"],
      ["toolu_2", true, INTERRUPTED],
    ]);
  });

  test("once too often, ends with the turn", async () => {
    await using world = await asked();
    for (let loss = 0; loss < MOST_LOSSES; loss += 1) {
      await world.end(lost);
      await world.answer(`${loss}`, `${loss}`, loss === 0 ? "toolu_1" : `ask_${loss}`);
      await world.nextAttempt();
      await world.report({ type: "question.asked", questionId: `ask_${loss + 1}`, question: "Again?" });
    }
    expect(await world.end(lost)).toMatchObject({ state: "failed", question: null });
    expect((await world.bodies()).filter(({ type }) => type === "question.closed")).toHaveLength(1);
  });
});

describe("the end of a turn that has asked", () => {
  for (const how of ["stop", "cancel"] as const)
    test(`by ${how} while it waits closes the question with a result for its call`, async () => {
      await using world = await asked();
      await world.tasks.change(id, (facts) => endEarly(facts, how));
      const waiting = world.wait();
      const task = await world.end({ kind: how === "stop" ? "stopped" : "cancelled" });
      expect(task).toMatchObject({ state: how === "stop" ? "idle" : "cancelled", question: null });
      expect(await waiting).toEqual({ status: "closed" });
      const told = results(await world.bodies());
      expect(told.map(([tool]) => tool).sort()).toEqual(["toolu_1", "toolu_2"]);
      expect(world.answer("late")).rejects.toMatchObject({ code: "conflict" });
    });

  for (const how of ["stop", "cancel"] as const)
    test(`by ${how} in the queue closes it too, and the conversation can go on`, async () => {
      await using world = await asked();
      await world.end(lost);
      const task = await world.tasks.change(id, (facts) => endEarly(facts, how));
      expect(task).toMatchObject({ state: how === "stop" ? "idle" : "cancelled", question: null });
      expect(results(await world.bodies()).map(([tool]) => tool)).toEqual(["toolu_2", "toolu_1"]);
      expect((await world.tasks.facts(id)).openTools).toEqual([]);
    });
});

test("whatever happens, a question has one end, its call one result, and a new sandbox no call without one", async () => {
  const step = fc.constantFrom(
    "ask",
    "answer",
    "report",
    "lose",
    "claim",
    "stop",
    "end early",
    "fail",
    "retry",
    "send",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using world = await asked();
      let asks = 1;
      let sent = 0;
      const quietly = (work: Promise<unknown>) =>
        work.catch((error) => {
          if (!(error instanceof Error && error.name === "FarhandError")) throw error;
        });
      const last = () => (asks === 1 ? "toolu_1" : `ask_${asks}`);
      for (const what of steps) {
        const task = await world.task();
        const { openTools, questions } = await world.tasks.facts(id);
        const isOpen = openTools.some((tool) => tool.id === last());
        const question = questions.find(({ questionId }) => questionId === last());
        if (what === "ask" && task.state === "running" && openTools.length === 0)
          await world.ask(`ask_${++asks}`);
        if (what === "answer") await quietly(world.answer("yes", `a_${asks}`, last()));
        if (what === "report" && task.state === "running" && isOpen && question?.status === "answered") {
          const result = { name: ASK_USER_TOOL, isError: false, content: "yes", durationMs: 1 };
          await world.report({ type: "tool.finished", toolUseId: last(), ...result });
        }
        if (what === "lose") await world.end(lost);
        if (what === "claim" && task.state === "queued" && unanswered(task) === null) {
          // What the next worker is given is a conversation that the model takes.
          expect(openTools).toEqual([]);
          await world.nextAttempt();
        }
        if (what === "stop") await world.end({ kind: "stopped" });
        if (what === "end early") await quietly(world.tasks.change(id, (facts) => endEarly(facts, "stop")));
        if (what === "fail" && task.state !== "queued") await world.end({ ...lost, kind: "failed" });
        if (what === "retry") await quietly(world.tasks.change(id, retry));
        if (what === "send")
          await quietly(
            world.tasks.change(id, (facts) =>
              send(facts, { messageId: messageId(100 + ++sent), text: "on" }),
            ),
          );
      }
      const task = await world.task();
      const { questions, openTools } = await world.tasks.facts(id);
      const open = questions.filter(({ status }) => status === "open");
      expect(open.map(({ questionId }) => questionId)).toEqual(
        task.question ? [task.question.questionId] : [],
      );
      if (!isActive(task.state)) expect([open, openTools]).toEqual([[], []]);
      const bodies = await world.bodies();
      const ids = (type: string) =>
        bodies.flatMap((body) => ("questionId" in body && body.type === type ? [body.questionId] : []));
      const ended = [...ids("question.answered"), ...ids("question.closed")];
      expect(new Set(ended).size).toBe(ended.length);
      const told = results(bodies).map(([tool]) => tool);
      expect(new Set(told).size).toBe(told.length);
    }),
    { numRuns: 60 },
  );
});
