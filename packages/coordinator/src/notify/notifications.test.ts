import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DENIED, type EventBody } from "@farhand/protocol";
import { asked, finished, ME, openNotifyWorld, until } from "../../test/notify-world.ts";
import { OWNER, taskId } from "../../test/stores.ts";
import { CAP_PER_TASK, CAP_WINDOW_MS, GIVE_UP_MS, nextTryMs } from "../domain/notification-rules.ts";

let world: Awaited<ReturnType<typeof openNotifyWorld>>;
beforeEach(async () => {
  world = await openNotifyWorld();
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world[Symbol.asyncDispose]();
});

const budgetReached: EventBody = {
  type: "budget.reached",
  scope: "task",
  limit: { maxUsd: 5, maxTokens: null },
  spent: { usd: 5.01, tokens: 9 },
};
const HELD = "c".repeat(40);
const failed = (code: "approval_needed" | "worker_failed", message: string, commit?: string): EventBody => ({
  type: "state.changed",
  from: "running",
  to: "failed",
  failure: { code, message, action: "Look at it.", retryable: true, ...(commit ? { commit } : {}) },
});

describe("a browser", () => {
  test("is told the exact question, encrypted to it alone and signed, with a reply and a place to land on", async () => {
    await world.addWeb();
    await world.pump.start();
    await world.append(asked("toolu_1", "Half up?\u0007 The key is hunter2secret."));
    await until(() => world.told().length === 1);
    await world.settled();
    expect(world.web.refusals).toEqual([]);
    expect(world.told()[0]).toMatchObject({
      kind: "needs-you",
      reason: "question",
      taskId: taskId(1),
      title: "Question · Round the prices",
      body: "Half up?  The key is [redacted].\n1. yes\n2. no",
      tag: taskId(1),
      path: `/task/${taskId(1)}?card=toolu_1`,
      deepLink: `farhand://task/${taskId(1)}?card=toolu_1`,
      actions: [
        {
          id: "reply",
          kind: "reply",
          request: { path: `/api/tasks/${taskId(1)}/answer`, body: { questionId: "toolu_1" } },
          input: "answer",
        },
        {
          id: "option-1",
          title: "yes",
          request: { body: { questionId: "toolu_1", answer: "yes" } },
          input: null,
        },
        { id: "option-2", title: "no" },
      ],
    });
    const [message] = world.web.messages;
    expect(message).toMatchObject({
      urgency: "high",
      topic: taskId(1),
      vapid: { sub: "https://farhand.example.com" },
    });
    const [device] = await world.keeper.list(ME);
    expect(device).toMatchObject({ lastSentAt: expect.any(String), lastError: null });
  });

  test("is told of a budget, an approval, a failure and an end, each once", async () => {
    await world.addWeb();
    await world.pump.start();
    const states: [EventBody[], string][] = [
      [
        [budgetReached, { type: "state.changed", from: "running", to: "waiting", failure: null }],
        "Budget used up",
      ],
      [[failed("approval_needed", "It changes .github/workflows/ci.yml.", HELD)], "Approval needed"],
      [[failed("worker_failed", "The worker ended.")], "Failed"],
      [finished, "Finished"],
    ];
    for (const [index, [bodies, head]] of states.entries()) {
      await world.append(...bodies);
      await world.pass(6000);
      await until(() => world.told().length === index + 1);
      expect(world.told()[index]?.title).toStartWith(`${head} · `);
    }
    expect(world.told().map(({ actions }) => actions.map(({ id, kind }) => `${id} ${kind}`))).toEqual([
      ["stop stop"],
      ["allow allow", "deny deny"],
      [],
      [],
    ]);
    const [budget, approval] = world.told().map(({ actions }) => actions.at(-1));
    expect(budget).toMatchObject({
      title: "Stop the turn",
      request: { path: `/api/tasks/${taskId(1)}/stop`, body: null },
    });
    const [allow] = world.told()[1]?.actions ?? [];
    expect(allow?.request).toEqual({
      method: "POST",
      path: `/api/tasks/${taskId(1)}/approve`,
      body: { kind: "workflows", commit: HELD },
    });
    expect(approval).toMatchObject({
      title: "Deny",
      request: { path: `/api/tasks/${taskId(1)}/messages`, body: { text: DENIED.workflows } },
    });
    expect(world.told()[0]?.body).toContain("$5.01 of $5.00, for this task");
    expect(world.told()[1]?.body).toBe("It changes .github/workflows/ci.yml.");
    expect(world.told()[3]?.body).toBe("All prices are rounded.");
    await world.pass(60_000);
    expect(world.told()).toHaveLength(4);
  });

  test("is told at once to test it, and what is wrong where it cannot be reached", async () => {
    const { device, subscription } = await world.addWeb();
    expect(await world.keeper.test(ME, device.id)).toMatchObject({ status: "sent" });
    expect(world.told()[0]).toMatchObject({ kind: "test", taskId: null, tag: "test" });
    world.web.fail({ status: 503, times: 1 });
    const trouble = await world.keeper.test(ME, device.id);
    expect(trouble).toEqual({ status: "failed", message: "The service cannot take it just now (503)." });
    expect((await world.keeper.list(ME))[0]?.lastError).toBe(trouble.message);
    expect(JSON.stringify(await world.keeper.list(ME))).not.toContain(subscription.endpoint);
  });

  test("gets a long body cut to what a push service takes", async () => {
    await world.addWeb();
    await world.pump.start();
    await world.append(asked("toolu_1", `${'"\\'.repeat(1000)}${"é".repeat(2000)}`));
    await until(() => world.told().length === 1);
    expect(world.web.refusals).toEqual([]);
    expect(world.told()[0]?.body).toEndWith("…");
  });
});

describe("nothing is told", () => {
  test("of what was answered, or went on, before it was due", async () => {
    await world.addWeb();
    await world.append(asked("toolu_1"), {
      type: "question.answered",
      questionId: "toolu_1",
      answer: "yes",
      answerId: "a",
    });
    await world.pump.start();
    await world.append(...finished);
    await world.append({ type: "state.changed", from: "idle", to: "queued", failure: null });
    await world.pass(20_000);
    expect(world.told()).toEqual([]);
  });

  test("of the end of a turn within its quiet time, nor of one that somebody stopped", async () => {
    await world.addWeb();
    await world.pump.start();
    await world.append(...finished);
    await world.pass(4000);
    expect(world.told()).toEqual([]);
    await world.pass(1500);
    await until(() => world.told().length === 1);
    await world.append(
      { type: "turn.started", turn: 2, messageId: "m_2", text: "more", isRetry: false },
      { type: "turn.stopping", how: "stop" },
      { type: "state.changed", from: "running", to: "idle", failure: null },
    );
    await world.pass(20_000);
    expect(world.told()).toHaveLength(1);
  });

  test("to a device that looks at the task, and only to that one", async () => {
    const looking = await world.addWeb();
    await world.addNtfy();
    const connection = {};
    world.presence.look(connection, {
      userId: OWNER.id,
      sessionId: null,
      deviceId: looking.device.id,
      taskId: taskId(1),
    });
    await world.pump.start();
    await world.append(asked("toolu_1"));
    await until(() => world.ntfy.messages.length === 1);
    expect(world.told()).toEqual([]);
    // A phone that fell asleep looks at nothing any more.
    world.time.ms += 60_000;
    await world.append(asked("toolu_2"));
    await until(() => world.told().length === 1);
    world.presence.seen(connection);
    await world.append(asked("toolu_3"));
    await until(() => world.ntfy.messages.length === 3);
    await world.settled();
    world.presence.look(connection, null);
    await world.append(asked("toolu_4"));
    await until(() => world.told().length === 2);
  });

  test("of a kind that was switched off on a device", async () => {
    const { device } = await world.addWeb();
    await world.addNtfy();
    await world.keeper.update(ME, device.id, { kinds: { "needs-you": false } });
    await world.pump.start();
    await world.append(asked("toolu_1"));
    await until(() => world.ntfy.messages.length === 1);
    await world.append(...finished);
    await world.pass(6000);
    await until(() => world.told().length === 1);
    expect(world.told()[0]?.kind).toBe("finished");
  });

  test("more often than so many times an hour of one task", async () => {
    await world.addWeb();
    await world.pump.start();
    for (let n = 1; n <= CAP_PER_TASK + 3; n += 1) {
      await world.append(asked(`toolu_${n}`));
      await until(async () => (await world.queue.due(world.time.ms, 1)).length === 0);
      await world.pass(1000);
    }
    expect(world.told()).toHaveLength(CAP_PER_TASK);
    await world.pass(CAP_WINDOW_MS);
    await world.append(asked("toolu_later"));
    await until(() => world.told().length === CAP_PER_TASK + 1);
  });

  test("twice of the same limit or question, however often it is met again", async () => {
    await world.addWeb();
    await world.pump.start();
    const waits: EventBody = { type: "state.changed", from: "running", to: "waiting", failure: null };
    for (let n = 0; n < 3; n += 1) {
      await world.append(budgetReached, waits);
      await world.pass(1000);
    }
    await until(() => world.told().length === 1);
    await world.pass(1000);
    expect(world.told()).toHaveLength(1);
  });

  test("of a turn that waits in the queue for a budget which was told of already, but of one that was not", async () => {
    await world.addWeb();
    await world.pump.start();
    const delayed: EventBody = {
      type: "task.delayed",
      code: "budget_reached",
      message: "The budget is used up.",
    };
    await world.append(budgetReached, {
      type: "state.changed",
      from: "running",
      to: "waiting",
      failure: null,
    });
    await world.pass(1000);
    await until(() => world.told().length === 1);
    await world.append({ type: "state.changed", from: "waiting", to: "queued", failure: null }, delayed);
    await world.pass(60_000);
    expect(world.told()).toHaveLength(1);
    await world.append(
      { type: "turn.started", turn: 2, messageId: "m_2", text: "more", isRetry: false },
      { type: "state.changed", from: "idle", to: "queued", failure: null },
      delayed,
    );
    await world.pass(1000);
    await until(() => world.told().length === 2);
    expect(world.told()[1]).toMatchObject({ reason: "budget", body: expect.stringContaining("used up") });
    await world.append({ type: "task.delayed", code: "disk_full", message: "The disk is full." });
    await world.pass(60_000);
    expect(world.told()).toHaveLength(2);
    await world.append(
      { type: "turn.started", turn: 3, messageId: "m_3", text: "more", isRetry: false },
      { type: "state.changed", from: "idle", to: "queued", failure: null },
      budgetReached,
      delayed,
    );
    await world.pass(1000);
    await until(() => world.told().length === 3);
    await world.pass(60_000);
    expect(world.told()).toHaveLength(3);
  });

  test("to a device whose sign-in has ended, which is forgotten", async () => {
    const added = { id: "g_1", userId: OWNER.id, clientId: "app", label: "", address: null };
    const times = { createdAt: "2026-01-01T00:00:00.000Z", expiresAt: "2100-01-01T00:00:00.000Z" };
    await world.sessions.addGrant({ ...added, ...times }, "hash");
    const identity = { ...ME, sessionId: "g_1", via: "bearer" as const };
    await world.addWeb(identity);
    expect((await world.keeper.list(identity))[0]?.isCurrent).toBe(true);
    await world.pump.start();
    await world.append(asked("toolu_1"));
    await until(() => world.told().length === 1);
    await world.sessions.revoke(OWNER.id, "g_1");
    await world.append(asked("toolu_2"));
    await until(async () => (await world.keeper.list(ME)).length === 0);
    expect(world.told()).toHaveLength(1);
    const [entry] = await world.audit.list({ before: null, limit: 1, userId: null });
    expect(entry).toMatchObject({
      action: "device.retired",
      detail: expect.stringContaining("sign-in has ended"),
    });
  });
});

describe("a device that cannot be reached", () => {
  test("is tried again, later each time and as the service says, until it takes it", async () => {
    await world.addWeb();
    await world.pump.start();
    world.web.fail({ status: 503, times: 2 });
    world.web.fail({ status: 429, retryAfter: "120", times: 1 });
    await world.append(asked("toolu_1"));
    await world.pass(0);
    for (const ms of [2000, 8000]) await world.pass(ms);
    await world.pass(60_000);
    expect(world.told()).toEqual([]);
    await world.pass(60_000);
    await until(() => world.told().length === 1);
    await world.settled();
    expect((await world.keeper.list(ME))[0]?.lastError).toBeNull();
  });

  test("is given up after half a day, and told the next thing", async () => {
    await world.addWeb();
    await world.pump.start();
    world.web.fail({ status: 500, times: 1000 });
    await world.append(asked("toolu_1"));
    for (let hours = 0; hours <= 13; hours += 0.5) await world.pass(30 * 60_000);
    const device = (await world.keeper.list(ME))[0];
    expect(device?.lastError).toBe("The service cannot take it just now (500).");
    expect(await world.queue.claim(world.time.ms + GIVE_UP_MS, 1)).toBeNull();
  });

  for (const status of [404, 410] as const)
    test(`is removed when its push service says ${status}`, async () => {
      const { subscription } = await world.addWeb();
      await world.pump.start();
      world.web.unsubscribe(subscription, status);
      await world.append(asked("toolu_1"));
      await until(async () => (await world.keeper.list(ME)).length === 0);
      const [entry] = await world.audit.list({ before: null, limit: 1, userId: null });
      expect(entry).toMatchObject({ action: "device.retired", userId: OWNER.id });
    });

  test("keeps nobody else waiting", async () => {
    await world.addWeb();
    await world.addNtfy();
    await world.pump.start();
    world.web.fail({ status: 500, times: 1, isSilent: true });
    await world.append(asked("toolu_1"));
    await until(() => world.ntfy.messages.length === 1);
    expect(world.told()).toEqual([]);
  });

  test("is not told a second time while it is being told, however far the clock jumps", async () => {
    await world.addWeb();
    await world.pump.start();
    world.web.fail({ status: 500, times: 1, isSilent: true });
    await world.append(asked("toolu_1"));
    await until(() => world.web.held() === 1);
    for (let jump = 0; jump < 3; jump += 1) {
      world.time.ms += 3_600_000;
      await world.looked();
    }
    expect([world.web.held(), world.told()]).toEqual([1, []]);
  });

  test("is told the newest only of a task, once it can be reached", async () => {
    await world.addWeb();
    await world.pump.start();
    world.web.fail({ status: 503, times: 1 });
    await world.append(asked("toolu_1", "First?"));
    await until(async () => (await world.keeper.list(ME))[0]?.lastError !== null);
    await world.append(asked("toolu_2", "Second?"));
    await until(() => world.told().length === 1);
    await world.pass(60_000);
    expect(world.told().map(({ body }) => body.split("\n")[0])).toEqual(["Second?"]);
  });
});

test("waits grow from seconds to half an hour, and end after half a day", () => {
  const at = (attempts: number, afterMs: number | null = null, nowMs = 0) =>
    nextTryMs({ attempts, createdMs: 0 }, afterMs, nowMs, () => 0.5);
  expect([1, 2, 3, 4, 5, 6, 7, 100].map((attempts) => at(attempts))).toEqual([
    2000, 8000, 32_000, 128_000, 512_000, 1_800_000, 1_800_000, 1_800_000,
  ]);
  expect(at(1, 120_000)).toBe(120_000);
  expect(at(1, 10 * CAP_WINDOW_MS)).toBe(CAP_WINDOW_MS);
  expect(at(1, null, GIVE_UP_MS)).toBeNull();
});

describe("ntfy", () => {
  test("gets it at the user's own server with their token, and a link to the task", async () => {
    await world.addNtfy();
    await world.pump.start();
    await world.append(asked("toolu_1"));
    await until(() => world.ntfy.messages.length === 1);
    expect(world.ntfy.refusals).toEqual([]);
    expect(world.ntfy.messages[0]).toEqual({
      topic: "mine",
      title: "Question · Round the prices",
      message: "Half up?\n1. yes\n2. no",
      tags: ["raising_hand"],
      priority: 4,
      click: `https://farhand.example.com/task/${taskId(1)}?card=toolu_1`,
      sequence_id: taskId(1),
    });
  });

  test("is no way into the server's own networks for a member, and none in the clear", async () => {
    const member = { ...ME, userId: "u_member", role: "member" as const };
    await world.users.setOwner({ id: "u_member", login: "member", token: "fho_m" });
    const add = (server: string) =>
      world.keeper.register(member, {
        label: "x",
        target: { channel: "ntfy", server, topic: "t", accessToken: null },
      });
    for (const server of [
      world.ntfy.url,
      "https://127.0.0.1",
      "https://[::1]:8080",
      "https://169.254.169.254",
    ])
      expect(add(server)).rejects.toMatchObject({ code: "address_refused" });
    const endpoint = `${world.web.url}/push/x`;
    const keys = world.web.subscribe(await world.keeper.vapidKey()).keys;
    const target = { channel: "web" as const, subscription: { endpoint, keys } };
    expect(world.keeper.register(member, { label: "x", target })).rejects.toMatchObject({
      code: "address_refused",
    });
  });
});

describe("a device", () => {
  test("that comes again is the same one, and one that changed hands is the new user's alone", async () => {
    const subscription = world.web.subscribe(await world.keeper.vapidKey());
    const target = { channel: "web" as const, subscription };
    const first = await world.keeper.register(ME, { label: "Firefox", target });
    await world.keeper.update(ME, first.device.id, { kinds: { finished: false } });
    const again = await world.keeper.register(ME, { label: "Firefox 2", target });
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.device).toMatchObject({
      id: first.device.id,
      label: "Firefox 2",
      kinds: { finished: false },
    });
    await world.users.setOwner({ id: "u_other", login: "other", token: "fho_o" });
    const other = { ...ME, userId: "u_other" };
    // Only the owner may use such an address in these tests; where it leads is not the point here.
    world.wiring.outgoing.demandAllowed = async () => undefined;
    expect((await world.keeper.register(other, { label: "theirs", target })).isNew).toBe(true);
    expect(await world.keeper.list(ME)).toEqual([]);
  });

  test("is stored without its address in the clear, and so are the server's keys", async () => {
    const { subscription } = await world.addWeb();
    await world.addNtfy();
    const rows = [
      ...(await world.database.selectFrom("devices").selectAll().execute()),
      ...(await world.database.selectFrom("sealed_texts").selectAll().execute()),
    ];
    const text = JSON.stringify(rows);
    for (const secret of [subscription.endpoint, subscription.keys.auth, "tk_of_the_topic"])
      expect(text).not.toContain(secret);
    expect(rows).toHaveLength(5);
    const places = await world.database.selectFrom("sealed_texts").select("purpose").execute();
    expect(places.map(({ purpose }) => purpose).sort()).toEqual(["device", "device", "vapid"]);
    expect(await world.newNotifications().devices.vapidKey()).toBe(await world.keeper.vapidKey());
  });
});

describe("a coordinator that dies", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "farhand-notify-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("before anything was told loses nothing", async () => {
    await using before = await openNotifyWorld({ path: join(folder, "a.db") });
    await before.addWeb();
    await before.append(asked("toolu_1"));
    // The first one never looked.
    await using next = before.newNotifications().pump;
    await next.start();
    await until(() => before.told().length === 1);
  });

  test("while it tells, tells again, under the same id and tag", async () => {
    await using before = await openNotifyWorld({ path: join(folder, "b.db") });
    await before.addWeb();
    await before.append(asked("toolu_1"));
    const [notice] = await before.queue.due(before.time.ms, 1);
    if (!notice) throw new Error("nothing is due");
    const [device] = await before.deviceStore.list(OWNER.id);
    await before.queue.spread(notice, [{ id: "n_1", deviceId: device?.id ?? "" }], before.time.ms);
    // Claimed by the one that died; nobody else gets it while the lease holds.
    expect(await before.queue.claim(before.time.ms, 60_000)).toMatchObject({ id: "n_1", attempts: 1 });
    expect(await before.queue.claim(before.time.ms, 60_000)).toBeNull();
    await using next = before.newNotifications().pump;
    await next.start();
    await until(() => before.told().length === 1);
    expect(before.told()[0]).toMatchObject({ id: "n_1", tag: taskId(1) });
    await before.pass(120_000);
    expect(before.told()).toHaveLength(1);
  });

  test("between two looks does not spread a notice twice, nor one that a newer has replaced", async () => {
    await using before = await openNotifyWorld({ path: join(folder, "c.db") });
    const { device } = await before.addWeb();
    await before.append(asked("toolu_1"));
    const [old] = await before.queue.due(before.time.ms, 1);
    await before.append(asked("toolu_2", "Newer?"));
    if (!old) throw new Error("nothing is due");
    await before.queue.spread(old, [{ id: "n_old", deviceId: device.id }], before.time.ms);
    await before.pump.start();
    await until(() => before.told().length === 1);
    expect(before.told()[0]?.body).toStartWith("Newer?");
    await before.pass(60_000);
    expect(before.told()).toHaveLength(1);
  });
});
