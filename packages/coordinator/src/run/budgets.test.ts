import { describe, expect, test } from "bun:test";
import type { TokenUsage } from "@farhand/protocol";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const never = new AbortController().signal;
const claim = { taskId: taskId(1), attempt: 1 };
const limit = (maxUsd: number | null, maxTokens: number | null = null) => ({ maxUsd, maxTokens });
const NONE = limit(null);

/** So many tokens, each a millionth of a dollar. */
const tokens = (inputTokens: number): TokenUsage & { longCacheTokens: number } => ({
  inputTokens,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
  longCacheTokens: 0,
});

const call = (model: string, usage: ReturnType<typeof tokens>, isEstimated = false) => ({
  model,
  usage,
  isEstimated,
});

/** A task that runs, with that budget. */
async function running(budget = NONE) {
  const stores = await openStores();
  await stores.tasks.create(newTask(1, { budget }));
  await stores.tasks.claim(taskId(1), { owner: "x", untilMs: 0 });
  await stores.log.append(taskId(1), 1, [{ type: "worker.ready", version: "1", startMs: 1 }]);
  const bodies = async () => (await stores.log.read(taskId(1), 0, 100)).events.map(({ body }) => body);
  const state = async () => (await stores.tasks.get(taskId(1)))?.state;
  const until = async (wanted: string) => {
    while ((await state()) !== wanted) await Bun.sleep(2);
  };
  /** A call that is under way, and whether it was let through by now. */
  const ask = (signal = never) => {
    const asked = { isThrough: false, done: Promise.resolve() };
    asked.done = stores.budgets.mayAsk(claim, signal).then(() => {
      asked.isThrough = true;
    });
    asked.done.catch(() => undefined);
    return asked;
  };
  const task = async () => {
    const found = await stores.tasks.get(taskId(1));
    if (!found) throw new Error("no task");
    return found;
  };
  return { ...stores, bodies, state, until, ask, task };
}

describe("a model call", () => {
  test("passes while nothing is used up, and leaves no trace", async () => {
    const world = await running(limit(1));
    const before = (await world.bodies()).length;
    expect(await world.budgets.mayAsk(claim, never)).toEqual({ ok: true });
    expect(await world.bodies()).toHaveLength(before);
  });

  test("is written into the log with its cost, and adds up for task, day, model and user", async () => {
    const world = await running();
    await world.budgets.used(claim, call("claude-x", tokens(1000)));
    await world.budgets.used(claim, call("claude-x", tokens(500)));
    await world.budgets.used(claim, call("claude-y", tokens(1)));
    expect(await world.task()).toMatchObject({ costUsd: 0.001501, unpricedTokens: 0 });
    expect(await world.costs.spent(OWNER.id, "2026-01-01")).toEqual({ usd: 0.001501, tokens: 1501 });
    expect(await world.costs.spent(OWNER.id, "2026-01-02")).toEqual({ usd: 0, tokens: 0 });
    expect(await world.costs.spent("u_other", null)).toEqual({ usd: 0, tokens: 0 });
    const report = await world.costs.report({ userId: OWNER.id, by: "model", from: null, to: null });
    expect(report.rows.map(({ key, modelCalls, costUsd }) => [key, modelCalls, costUsd])).toEqual([
      ["claude-x", 2, 0.0015],
      ["claude-y", 1, 0.000001],
    ]);
    expect(report.total).toMatchObject({ modelCalls: 3, inputTokens: 1501, costUsd: 0.001501 });
  });

  test("whose answer was cut off is marked as estimated in the log, and no other is", async () => {
    const world = await running();
    await world.budgets.used(claim, call("claude-x", tokens(10), true));
    await world.budgets.used(claim, call("claude-x", tokens(20)));
    const used = (await world.bodies()).filter((body) => body.type === "model.used");
    expect(used.map(({ isEstimated }) => isEstimated)).toEqual([true, undefined]);
  });

  test("of a model without a known price counts in tokens, and that is said once", async () => {
    const world = await running(limit(0.5, 2500));
    await world.budgets.used(claim, call("mystery", tokens(1000)));
    await world.budgets.used(claim, call("mystery", tokens(1000)));
    const bodies = await world.bodies();
    expect(bodies.filter(({ type }) => type === "model.used")).toMatchObject([
      { costUsd: null },
      { costUsd: null },
    ]);
    expect(bodies.filter((body) => body.type === "notice" && body.code === "price_unknown")).toHaveLength(1);
    expect(await world.task()).toMatchObject({ costUsd: 0, unpricedTokens: 2000 });
    await world.budgets.used(claim, call("mystery", tokens(1000)));
    world.ask();
    await world.until("waiting");
    expect((await world.task()).budgetReached).toMatchObject({ spent: { usd: 0, tokens: 3000 } });
  });

  test("that brings a limit to four fifths warns of it once", async () => {
    const world = await running(limit(0.001));
    for (const part of [700, 100, 100]) await world.budgets.used(claim, call("claude-x", tokens(part)));
    const warned = (await world.bodies()).filter(({ type }) => type === "budget.warned");
    expect(warned).toEqual([
      { type: "budget.warned", scope: "task", limit: limit(0.001), spent: { usd: 0.0008, tokens: 800 } },
    ]);
  });
});

describe("a model call beyond a limit", () => {
  async function paused(budget = limit(0.001)) {
    const world = await running(budget);
    await world.budgets.used(claim, call("claude-x", tokens(1000)));
    const asked = world.ask();
    await world.until("waiting");
    return { ...world, asked };
  }

  test("is held, and the task waits and says why", async () => {
    const world = await paused();
    expect(world.asked.isThrough).toBe(false);
    expect((await world.bodies()).slice(-2)).toEqual([
      { type: "budget.reached", scope: "task", limit: limit(0.001), spent: { usd: 0.001, tokens: 1000 } },
      { type: "state.changed", from: "running", to: "waiting", failure: null },
    ]);
    expect((await world.task()).budgetReached).toMatchObject({ scope: "task" });
  });

  test("passes when the task's limit is raised, and the task runs again at once", async () => {
    const world = await paused();
    const raised = await world.budgets.setBudget(await world.task(), { maxUsd: 1 });
    expect(raised).toMatchObject({ state: "running", budget: limit(1), budgetReached: null });
    await world.asked.done;
    expect((await world.bodies()).slice(-2).map(({ type }) => type)).toEqual([
      "budget.changed",
      "state.changed",
    ]);
  });

  test("waits on when the limit is raised too little, or only for what was not used up", async () => {
    const world = await paused();
    for (const change of [{ maxUsd: 0.0005 }, { maxTokens: 10_000 }])
      expect((await world.budgets.setBudget(await world.task(), change)).state).toBe("waiting");
    await Bun.sleep(20);
    expect(world.asked.isThrough).toBe(false);
    await world.budgets.setBudget(await world.task(), { maxUsd: null });
    await world.asked.done;
  });

  test("is told anew what the task waits for when its limit is changed and does not help", async () => {
    const world = await paused();
    const low = await world.budgets.setBudget(await world.task(), { maxUsd: 0.0005 });
    const spent = { usd: 0.001, tokens: 1000 };
    expect(low.budgetReached).toEqual({ scope: "task", limit: limit(0.0005), spent });
    const count = async () => (await world.bodies()).filter(({ type }) => type === "budget.reached").length;
    expect(await count()).toBe(2);
    // The same again is no news.
    await world.budgets.setBudget(await world.task(), { maxUsd: 0.0005 });
    expect(await count()).toBe(2);
    await world.settings.update(OWNER.id, {
      budgets: { task: NONE, day: limit(0.00001), user: NONE },
    });
    const other = await world.budgets.setBudget(await world.task(), { maxUsd: null });
    expect(other.budgetReached).toEqual({ scope: "day", limit: limit(0.00001), spent });
    expect((await world.budgets.shortage(await world.task()))?.message).toBe(
      "The budget is used up: $0.0010 of $0.000010, for today (UTC).",
    );
  });

  test("is let go when its caller leaves, and the task waits on for the next", async () => {
    const world = await running(limit(0));
    const caller = new AbortController();
    const asked = world.ask(caller.signal);
    await world.until("waiting");
    caller.abort(new Error("left"));
    await expect(asked.done).rejects.toThrow("left");
    const again = world.ask();
    await Bun.sleep(20);
    expect([again.isThrough, await world.state()]).toEqual([false, "waiting"]);
    expect((await world.bodies()).filter(({ type }) => type === "budget.reached")).toHaveLength(1);
    await world.budgets.setBudget(await world.task(), { maxUsd: null });
    await again.done;
  });

  test("of a day's or a user's limit passes when that is raised, or the day is over", async () => {
    for (const scope of ["day", "user"] as const) {
      const world = await running();
      await world.settings.update(OWNER.id, {
        budgets: { task: NONE, day: NONE, user: NONE, [scope]: limit(null, 500) },
      });
      await world.budgets.used(claim, call("claude-x", tokens(1000)));
      const asked = world.ask();
      await world.until("waiting");
      expect((await world.task()).budgetReached).toMatchObject({ scope, spent: { tokens: 1000 } });
      // The task's own limit does not lift another.
      expect((await world.budgets.setBudget(await world.task(), { maxUsd: 100 })).state).toBe("waiting");
      if (scope === "day") world.time.ms += 24 * 60 * 60_000;
      else await world.settings.update(OWNER.id, { budgets: { task: NONE, day: NONE, user: NONE } });
      world.budgets.lookAgain(OWNER.id);
      await asked.done;
      expect(await world.state()).toBe("running");
    }
  });

  test("passes for all calls that are held, and the state changes once", async () => {
    const world = await paused();
    const second = world.ask();
    await Bun.sleep(10);
    await world.budgets.setBudget(await world.task(), { maxUsd: 1 });
    await Promise.all([world.asked.done, second.done]);
    const states = (await world.bodies()).filter(({ type }) => type === "state.changed");
    expect(states.map((body) => (body.type === "state.changed" ? body.to : ""))).toEqual([
      "starting",
      "running",
      "waiting",
      "running",
    ]);
  });

  test("that comes before the log knows of the worker waits for that, and then for the money", async () => {
    const stores = await openStores();
    await stores.tasks.create(newTask(1, { budget: limit(0) }));
    await stores.tasks.claim(taskId(1), { owner: "x", untilMs: 0 });
    const leaving = new AbortController();
    const asked = stores.budgets.mayAsk(claim, leaving.signal).catch(() => "left");
    await Bun.sleep(10);
    expect((await stores.tasks.get(taskId(1)))?.state).toBe("starting");
    await stores.log.append(taskId(1), 1, [{ type: "worker.ready", version: "1", startMs: 1 }]);
    while ((await stores.tasks.get(taskId(1)))?.state !== "waiting") await Bun.sleep(5);
    leaving.abort();
    expect(await asked).toBe("left");
  });
});

describe("the owner's cap on a member", () => {
  const capped = async (day: number | null, user: number | null, own: number | null = null) => {
    const world = await running();
    await world.memberCaps.set(OWNER.id, { day: limit(null, day), user: limit(null, user) });
    await world.settings.update(OWNER.id, {
      budgets: { task: NONE, day: NONE, user: limit(null, own) },
    });
    return world;
  };

  test.each([
    ["day", [1000, null]],
    ["user", [null, 1000]],
  ] as const)(
    "for the %s holds a call whatever the member's own limits are, and says whose it is",
    async (scope, [day, user]) => {
      const world = await capped(day, user, 1_000_000);
      await world.budgets.used(claim, call("claude-x", tokens(1000)));
      const asked = world.ask();
      await world.until("waiting");
      expect((await world.task()).budgetReached).toEqual({
        scope,
        limit: limit(null, 1000),
        spent: { usd: 0.001, tokens: 1000 },
        isCap: true,
      });
      expect((await world.budgets.shortage(await world.task()))?.message).toContain(
        "only the server's owner can raise",
      );
      await world.settings.update(OWNER.id, { budgets: { task: NONE, day: NONE, user: NONE } });
      world.budgets.lookAgain(OWNER.id);
      await Bun.sleep(20);
      expect(asked.isThrough).toBe(false);
      await world.memberCaps.set(OWNER.id, null);
      world.budgets.lookAgain(OWNER.id);
      await asked.done;
    },
  );

  test("leaves a lower limit of the member's own in force, and is told when that is raised beyond it", async () => {
    const world = await capped(null, 1000, 500);
    await world.budgets.used(claim, call("claude-x", tokens(500)));
    world.ask();
    await world.until("waiting");
    expect((await world.task()).budgetReached).toEqual({
      scope: "user",
      limit: limit(null, 500),
      spent: { usd: 0.0005, tokens: 500 },
    });
    await world.budgets.used(claim, call("claude-x", tokens(500)));
    await world.settings.update(OWNER.id, { budgets: { task: NONE, day: NONE, user: NONE } });
    world.budgets.lookAgain(OWNER.id);
    while (!(await world.task()).budgetReached?.isCap) await Bun.sleep(2);
  });

  test("warns at four fifths", async () => {
    const world = await capped(1000, null);
    await world.budgets.used(claim, call("claude-x", tokens(800)));
    const warned = (await world.bodies()).filter(({ type }) => type === "budget.warned");
    expect(warned).toMatchObject([{ scope: "day", isCap: true, spent: { tokens: 800 } }]);
  });
});

test("a turn that could only wait for money is told of before it gets a sandbox, and one that is done is not", async () => {
  const world = await running(limit(null, 100));
  expect(await world.budgets.shortage(await world.task())).toBeNull();
  await world.budgets.used(claim, call("claude-x", tokens(100)));
  expect(await world.budgets.shortage(await world.task())).toEqual({
    code: "budget_reached",
    message: "The budget is used up: 100 of 100 tokens, for this task.",
    use: { scope: "task", limit: limit(null, 100), spent: { usd: 0.0001, tokens: 100 } },
  });
  await world.log.append(taskId(1), 1, [{ type: "turn.finished", title: "Done", summary: "" }]);
  expect(await world.budgets.shortage(await world.task())).toBeNull();
});
