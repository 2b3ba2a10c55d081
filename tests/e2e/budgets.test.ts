import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applyEvents, EMPTY_VIEW } from "@farhand/client/app";
import type { EventBody, Task } from "@farhand/protocol";
import { containersOf, noDocker } from "./support/docker.ts";
import { openWorld, type World } from "./support/world.ts";

/** One model call uses it up, and there is something left before. */
const ONE_CALL = { maxUsd: null, maxTokens: 1 };
const NONE = { maxUsd: null, maxTokens: null };

let world: World;
beforeAll(async () => {
  // Silence of some seconds is normal here, and would end the turn if waiting counted as silence.
  if (!noDocker) world = await openWorld({ FARHAND_NO_PROGRESS_MINUTES: "0.1" });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const modelCalls = () => world.claude.requests.filter(({ path }) => path.startsWith("/v1/messages")).length;
const isReached = (body: EventBody) => body.type === "budget.reached";
const isDelayed = (body: EventBody) => body.type === "task.delayed" && body.code === "budget_reached";
const isWaiting = (body: EventBody) => body.type === "state.changed" && body.to === "waiting";

/** A task that has used up its budget with its first model call, and waits. */
async function pausedTask(budget = ONE_CALL): Promise<{ task: Task; calls: number }> {
  const before = modelCalls();
  const { id } = await world.create({ prompt: "Mend it. [scenario:fix-failing-test]", budget });
  await world.until(id, isWaiting);
  return { task: await world.client.getTask(id), calls: modelCalls() - before };
}

/** Every tool call has its one result, in the order of the log, and the branch came to its pull request. */
async function expectNothingLost(id: string): Promise<void> {
  const task = await world.client.getTask(id);
  expect(task).toMatchObject({ state: "idle", failure: null, budgetReached: null });
  expect(task.pullRequestUrl).toStartWith("http");
  const events = await world.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const started = (await world.bodies(id, "tool.started")).map(({ toolUseId }) => toolUseId);
  const finished = (await world.bodies(id, "tool.finished")).map(({ toolUseId }) => toolUseId);
  expect(new Set(finished).size).toBe(finished.length);
  expect(finished).toEqual(expect.arrayContaining(started));
  expect((await world.bodies(id, "notice")).map(({ code }) => code)).not.toContain("no_progress");
  expect(await containersOf(id)).toEqual([]);
}

/** The app's chat has the one card that asks for a higher limit. */
async function expectOpenCard(id: string): Promise<void> {
  const view = applyEvents(EMPTY_VIEW, await world.events(id));
  const cards = view.rows.toArray().filter((row) => row.kind === "budget" && row.status === "open");
  expect(cards).toHaveLength(1);
  expect(view.header?.budgetReached).not.toBeNull();
}

describe.skipIf(noDocker)("a task that has used up its budget", () => {
  test("waits without another model call, longer than an agent may be silent, and goes on when it is raised", async () => {
    const { task, calls } = await pausedTask();
    expect(calls).toBe(1);
    expect(task).toMatchObject({
      state: "waiting",
      budgetReached: { scope: "task", limit: ONE_CALL, spent: { usd: task.costUsd } },
    });
    expect(task.costUsd).toBeGreaterThan(0);
    expect(await containersOf(task.id)).not.toEqual([]);
    const all = modelCalls();
    await Bun.sleep(10_000);
    expect([modelCalls(), (await world.client.getTask(task.id)).state]).toEqual([all, "waiting"]);

    const raised = await world.client.setBudget(task.id, { maxTokens: null });
    expect(raised).toMatchObject({ state: "running", budget: NONE, budgetReached: null });
    await world.ended(task.id);
    await expectNothingLost(task.id);
    const states = (await world.bodies(task.id, "state.changed")).map(({ to }) => to);
    expect(states).toEqual(["starting", "running", "waiting", "running", "idle"]);
    expect((await world.bodies(task.id, "budget.reached")).length).toBe(1);
    expect((await world.bodies(task.id, "notice")).map(({ code }) => code)).not.toContain("model_retry");
  }, 60_000);

  test("ends within seconds when it is stopped, keeps its work, and takes a message", async () => {
    const { task } = await pausedTask();
    const before = modelCalls();
    await world.client.stop(task.id);
    const ended = await world.ended(task.id);
    expect(ended).toMatchObject({ state: "idle", budgetReached: null, failure: null });
    expect(modelCalls()).toBe(before);
    expect(await world.client.files(task.id, { path: "" })).toMatchObject({ kind: "folder" });
    // Its next turn gets no sandbox, for nothing was raised.
    await world.client.sendMessage(task.id, { text: "Go on." });
    const delayed = await world.until(task.id, isDelayed, ended.lastSeq);
    expect(await world.client.getTask(task.id)).toMatchObject({
      state: "queued",
      delayedBy: { code: "budget_reached" },
      budgetReached: { scope: "task", limit: ONE_CALL },
    });
    await expectOpenCard(task.id);
    expect(await containersOf(task.id)).toEqual([]);
    expect(modelCalls()).toBe(before);
    // Not enough: the card asks again, above what is spent.
    const spent = (await world.client.getTask(task.id)).budgetReached?.spent.tokens ?? 0;
    const low = await world.client.setBudget(task.id, { maxTokens: spent });
    expect(low).toMatchObject({ state: "queued", budgetReached: { limit: { maxTokens: spent } } });
    await expectOpenCard(task.id);
    await world.client.setBudget(task.id, { maxTokens: 10_000_000 });
    await world.ended(task.id, delayed.seq);
    expect((await world.client.getTask(task.id)).state).toBe("idle");
  });

  test("can be cancelled while it waits", async () => {
    const { task } = await pausedTask();
    await world.client.cancelTask(task.id);
    expect(await world.ended(task.id)).toMatchObject({ state: "cancelled", budgetReached: null });
    expect(await containersOf(task.id)).toEqual([]);
  });

  test("waits on when another limit is used up as well, and says which", async () => {
    const { task } = await pausedTask();
    await world.client.updateSettings({ budgets: { day: { maxUsd: 0.000001, maxTokens: null } } });
    const raised = await world.client.setBudget(task.id, { maxTokens: null });
    expect(raised.state).toBe("waiting");
    await world.until(task.id, (body) => isReached(body) && "scope" in body && body.scope === "day");
    const before = modelCalls();
    await Bun.sleep(300);
    expect(modelCalls()).toBe(before);
    // The call that is held looks again as soon as the setting changes.
    await world.client.updateSettings({ budgets: { day: NONE } });
    await world.ended(task.id);
    await expectNothingLost(task.id);
  });
});

describe.skipIf(noDocker)("a coordinator that goes away while a task waits", () => {
  test("by a power cut, finds it waiting, and the same sandbox goes on when it is raised", async () => {
    const { task } = await pausedTask();
    await world.coordinator.kill();
    await world.restart();
    expect((await world.client.getTask(task.id)).state).toBe("waiting");
    const before = modelCalls();
    // The worker's call broke off; it asks again, and is held again.
    await Bun.sleep(3000);
    expect([modelCalls(), (await world.client.getTask(task.id)).state]).toEqual([before, "waiting"]);
    await world.client.setBudget(task.id, { maxTokens: null });
    await world.ended(task.id);
    await expectNothingLost(task.id);
    expect((await world.client.getTask(task.id)).attempt).toBe(1);
  }, 60_000);

  test("in order, leaves it in the queue until it is raised, and it goes on in another sandbox", async () => {
    const { task } = await pausedTask();
    await world.restart();
    const again = await world.until(task.id, isDelayed, task.lastSeq);
    expect(await containersOf(task.id)).toEqual([]);
    const before = modelCalls();
    await world.client.setBudget(task.id, { maxTokens: null });
    await world.ended(task.id, again.seq);
    expect(modelCalls()).toBeGreaterThan(before);
    await expectNothingLost(task.id);
    expect((await world.client.getTask(task.id)).attempt).toBe(2);
  }, 60_000);
});

describe.skipIf(noDocker)("a task that waits while another needs its place", () => {
  test("gives it up, and goes on from its checkpoint when it is raised", async () => {
    await world.restart({ FARHAND_MAX_WORKERS: "1", FARHAND_NO_PROGRESS_MINUTES: "0.1" });
    const { task } = await pausedTask();
    const other = await world.play("fix-failing-test");
    expect(other.state).toBe("idle");
    expect(await world.client.getTask(task.id)).toMatchObject({
      state: "queued",
      delayedBy: { code: "budget_reached" },
      budgetReached: { scope: "task" },
    });
    await expectOpenCard(task.id);
    expect((await world.bodies(task.id, "budget.reached")).length).toBe(1);
    expect((await world.bodies(task.id, "notice")).map(({ code }) => code)).toContain("sandbox_freed");
    await world.client.setBudget(task.id, { maxTokens: null });
    await world.ended(task.id);
    await expectNothingLost(task.id);
  }, 60_000);
});

describe.skipIf(noDocker)("what tasks have cost", () => {
  test("is told with each call, summed up for the task, and reported by day, model and task", async () => {
    const { id } = await world.create({
      prompt: "Mend it. [scenario:fix-failing-test]",
      budget: { maxUsd: 1000, maxTokens: null },
    });
    const task = await world.ended(id);
    const used = await world.bodies(id, "model.used");
    const costs = used.map(({ costUsd }) => costUsd ?? Number.NaN);
    expect(costs.every((cost) => cost > 0)).toBe(true);
    expect(task.costUsd).toBeCloseTo(
      costs.reduce((sum, cost) => sum + cost, 0),
      9,
    );
    expect(task.unpricedTokens).toBe(0);

    const byTask = await world.client.costs({ by: "task" });
    const row = byTask.rows.find(({ key }) => key === id);
    expect(row).toMatchObject({ modelCalls: used.length, costUsd: task.costUsd, ...task.usage });
    const byModel = await world.client.costs({ by: "model" });
    expect(byModel.rows).toHaveLength(1);
    expect(byModel.total).toEqual(byTask.total);
    const today = new Date().toISOString().slice(0, 10);
    const byDay = await world.client.costs({ by: "day", from: today, to: today });
    expect(byDay.rows.map(({ key }) => key)).toEqual([today]);
    expect((await world.client.costs({ to: "2000-01-01" })).rows).toEqual([]);
  });

  test("is estimated for an answer that a person stops, and no more of that is asked for", async () => {
    const { id } = await world.create({ prompt: "Say it. [scenario:speak-slowly]" });
    while (!world.claude.requests.some(({ scenario }) => scenario === "speak-slowly")) await Bun.sleep(20);
    // Some words are on their way, and no end of them.
    await Bun.sleep(300);
    await world.client.stop(id);
    await world.ended(id);
    while ((await world.bodies(id, "model.used")).length === 0) await Bun.sleep(20);
    const [used] = await world.bodies(id, "model.used");
    expect(used?.isEstimated).toBe(true);
    expect(used?.usage.outputTokens).toBeGreaterThan(1);
    const [asked] = world.claude.requests.filter(({ scenario }) => scenario === "speak-slowly");
    expect(asked?.clientLeft).toBe(true);
  });

  test("is warned of when four fifths of a limit are spent", async () => {
    const done = await world.play("fix-failing-test");
    const { id } = await world.create({
      prompt: "Mend it. [scenario:fix-failing-test]",
      // The same work again comes to nearly all of it.
      budget: { maxUsd: done.costUsd * 1.05, maxTokens: null },
    });
    await world.ended(id);
    const warned = await world.bodies(id, "budget.warned");
    expect(warned).toMatchObject([{ scope: "task", limit: { maxUsd: done.costUsd * 1.05 } }]);
    expect(await world.bodies(id, "budget.reached")).toEqual([]);
  });
});
