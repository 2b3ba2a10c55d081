import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { FakeServer, type Fault, refusal } from "../../test/fake-server.ts";
import { created, state, turn } from "../../test/logs.ts";
import { until } from "../../test/until.ts";
import { createAppClient } from "../app-client.ts";
import type { LocalStore } from "../local/local-store.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { oneTab, type Tabs } from "../local/tabs.ts";
import { applyEvents } from "../view/reduce.ts";
import { EMPTY_VIEW } from "../view/task-view.ts";
import type { Command } from "./command.ts";
import type { OutboxEntry } from "./entry.ts";
import { DurableOutbox } from "./outbox.ts";

setDefaultTimeout(30_000);

const HOUR_MS = 60 * 60 * 1000;
const toClose: { close(): Promise<void> }[] = [];
const servers: FakeServer[] = [];
afterEach(async () => {
  for (const it of toClose.splice(0)) await it.close();
  for (const server of servers.splice(0)) await server.goAway();
});

function serve(): FakeServer {
  const server = new FakeServer();
  servers.push(server);
  return server;
}

/** One device. What it keeps outlives its outbox, as it outlives the app. */
class Device {
  readonly local: LocalStore = createMemoryStore();
  readonly tabs: Tabs = oneTab();
  readonly server: FakeServer;
  nowMs = Date.UTC(2026, 2, 4);
  isOnline = true;
  readonly errors: unknown[] = [];

  constructor(server = serve()) {
    this.server = server;
  }

  open(tabs = this.tabs, timeoutMs = 20_000): DurableOutbox {
    const outbox = new DurableOutbox({
      local: this.local,
      tabs,
      timeoutMs,
      api: createAppClient({ baseUrl: this.server.url, token: "good", retries: 0 }),
      attachments: { bytes: async () => null },
      newId: () => crypto.randomUUID(),
      now: () => this.nowMs,
      isReachable: async () => this.isOnline,
      isFollowed: () => true,
      onError: (error) => this.errors.push(error),
    });
    toClose.push(outbox);
    return outbox;
  }
}

function setUp() {
  const device = new Device();
  const task = device.server.addTask(1, created, turn(1), state("queued", "running"));
  const say = (text: string): Command => ({ type: "send_message", taskId: task.id, text });
  return { device, server: device.server, taskId: task.id, say, outbox: device.open() };
}

const kept = (outbox: DurableOutbox): OutboxEntry[] =>
  outbox.getSnapshot().filter(({ status }) => status !== "sent");
const empty = (outbox: DurableOutbox) => until("an empty outbox", () => kept(outbox).length === 0);
const texts = (outbox: DurableOutbox) =>
  kept(outbox).map(({ command }) => (command.type === "send_message" ? command.text : command.type));

describe("what is not to go out at once", () => {
  test("goes when it is due, also after the app was started anew, and holds up nothing of other tasks", async () => {
    const { device, server, taskId, outbox } = setUp();
    const other = server.addTask(2, created, turn(1), state("queued", "running"));
    await outbox.add({ type: "archive", taskId }, { afterMs: 60_000 });
    await outbox.add({ type: "send_message", taskId: other.id, text: "now" });
    await until("the other one", () => server.effects.length === 1);
    await outbox.close();
    const again = device.open();
    await again.flush();
    expect(server.effects).toEqual(["message:now"]);
    device.nowMs += 60_000;
    await again.flush();
    await empty(again);
    expect(server.effects).toEqual(["message:now", expect.stringContaining("archive")]);
  });

  test("goes by itself", async () => {
    const { device, server, taskId, outbox } = setUp();
    await outbox.add({ type: "archive", taskId }, { afterMs: 30 });
    device.nowMs += 30;
    await empty(outbox);
    expect(server.effects).toHaveLength(1);
  });

  test("goes from another tab where its own was closed", async () => {
    const { device, server, taskId, outbox } = setUp();
    await outbox.close();
    let hear: ((topic: string) => void) | null = null;
    const open = (tab: Partial<Tabs>) => device.open({ ...device.tabs, ...tab });
    const one = open({ announce: (topic) => hear?.(topic) });
    const other = open({
      listen: (listener) => {
        hear = listener;
        return () => undefined;
      },
    });
    await other.loaded;
    await one.add({ type: "archive", taskId }, { afterMs: 50 });
    await until("the other tab's knowing", () => kept(other).length === 1);
    await one.close();
    device.nowMs += 50;
    await until("the archiving", () => server.effects.length === 1);
  });

  test("goes at once where the app is put away, and is not asked about when it is old", async () => {
    const { device, server, taskId, outbox } = setUp();
    await outbox.add({ type: "archive", taskId }, { afterMs: 60_000 });
    await outbox.hurry();
    await empty(outbox);
    expect(server.effects).toHaveLength(1);
    device.isOnline = false;
    // What waits for a try keeps waiting for it.
    await outbox.hurry();
    expect(kept(outbox)).toEqual([]);
  });

  test("can be taken back for certain", async () => {
    const { device, server, taskId, outbox } = setUp();
    const { id } = await outbox.add({ type: "archive", taskId }, { afterMs: 60_000 });
    expect(await outbox.withdraw(id)).toEqual({ mayHaveArrived: false });
    device.nowMs += 120_000;
    await outbox.flush();
    expect([kept(outbox), server.effects]).toEqual([[], []]);
  });
});

describe("what was asked before, by something else on the device", () => {
  const tried = (nowMs: number) => ({ id: "n_1-allow", askedAtMs: nowMs, mayHaveArrived: true });

  test("is asked again under its key, and once however often it is told of", async () => {
    const { device, server, say, outbox } = setUp();
    device.isOnline = false;
    await outbox.add(say("Take it back."), tried(device.nowMs));
    await outbox.add(say("Take it back."), tried(device.nowMs));
    expect(kept(outbox)).toHaveLength(1);
    device.isOnline = true;
    await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["message:Take it back."]);
    expect(server.asked.map(({ key }) => key)).toEqual(["n_1-allow"]);
  });

  test("is asked about where that was more than an hour ago", async () => {
    const { device, server, taskId, outbox } = setUp();
    await outbox.add({ type: "stop", taskId }, tried(device.nowMs - 2 * HOUR_MS));
    await until("the question", () => kept(outbox)[0]?.status === "needs_confirmation");
    expect(server.effects).toEqual([]);
  });
});

/** Nobody ever says what became of the request. */
const silence = (): Response => new Response(new ReadableStream());

describe("a request that hangs", () => {
  test("is made again under the same key, and holds nobody up for ever", async () => {
    const { device, server, say, outbox: other } = setUp();
    await other.close();
    const outbox = device.open(device.tabs, 50);
    let hangs = 1;
    server.fault = () => (hangs-- > 0 ? silence() : null);
    const entry = await outbox.add(say("first"));
    await outbox.add(say("second"));
    await until("it is given up", () => kept(outbox)[0]?.status === "retrying");
    await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["message:first", "message:second"]);
    expect(server.asked.slice(0, 2).map(({ key }) => key)).toEqual([entry.id, entry.id]);
  });

  test("is given up for a stop, and made again once the stop is there", async () => {
    const { server, taskId, say, outbox } = setUp();
    let hangs = 1;
    server.fault = () => (hangs-- > 0 ? silence() : null);
    const entry = await outbox.add(say("first"));
    await outbox.add(say("second"));
    await until("the request", () => server.asked.length === 1);
    await outbox.add({ type: "stop", taskId });
    await until("the stop", () => server.effects.length > 0 && kept(outbox)[0]?.status === "retrying");
    await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["stop:{}", "message:first", "message:second"]);
    expect(server.asked.map(({ key }) => key === entry.id)).toEqual([true, false, true, false]);
  });
});

test("a stop that is refused is no more, and says why once", async () => {
  const { server, taskId, say, outbox } = setUp();
  const refused: OutboxEntry[] = [];
  outbox.refused((entry) => refused.push(entry));
  server.fault = ({ path }) =>
    path.endsWith("/stop") ? refusal(409, "conflict", "No turn is at work.") : null;
  await outbox.add({ type: "stop", taskId });
  await outbox.add(say("next"));
  await empty(outbox);
  expect(refused.map(({ command, reason }) => [command.type, reason])).toEqual([
    ["stop", "No turn is at work. Do otherwise."],
  ]);
  expect(server.asked.filter(({ path }) => path.endsWith("/stop"))).toHaveLength(1);
  expect(server.effects).toEqual(["message:next"]);
});

describe("a command", () => {
  test("that is here from last time says why it waits, though nobody asks", async () => {
    const { device, say, outbox } = setUp();
    device.isOnline = false;
    await outbox.add(say("hello"));
    await outbox.close();
    const again = device.open();
    await until("the reason", () => again.getSnapshot()[0]?.cause === "unreachable");
    expect(again.getSnapshot()[0]?.reason).toContain("no connection");
  });

  test("is on the device before the call returns, and there when the app starts again", async () => {
    const { device, say, outbox } = setUp();
    device.isOnline = false;
    const entry = await outbox.add(say("hello"));
    await outbox.close();
    const again = device.open();
    await again.loaded;
    expect(kept(again).map(({ id }) => id)).toEqual([entry.id]);
    expect(device.server.asked).toEqual([]);
  });

  test("goes to the server under its own key and leaves when the server has it", async () => {
    const { server, say, outbox } = setUp();
    const answers: unknown[] = [];
    outbox.done(({ answer }) => answers.push(answer));
    const entry = await outbox.add(say("hello"));
    await empty(outbox);
    expect(server.effects).toEqual(["message:hello"]);
    expect(server.asked.map(({ key }) => key)).toEqual([entry.id]);
    expect(answers).toEqual([{ messageId: entry.messageId, status: "queued", turn: 1 }]);
  });

  test("of every kind reaches its route", async () => {
    const { server, taskId, outbox } = setUp();
    const commands: Command[] = [
      { type: "create_task", task: { repository: "https://example.com/a", prompt: "p" } },
      { type: "edit_message", taskId, messageId: "m_1", text: "t" },
      { type: "withdraw_message", taskId, messageId: "m_1" },
      { type: "reorder_messages", taskId, messageIds: ["m_1"] },
      { type: "stop", taskId },
      { type: "cancel", taskId },
      { type: "retry", taskId },
      { type: "archive", taskId },
      { type: "approve", taskId, kind: "workflows" },
      { type: "answer", taskId, questionId: "q1", answer: "yes" },
      { type: "roll_back", taskId, turn: 1 },
      { type: "fork", taskId, fork: { prompt: "p", turn: 1 } },
      { type: "allow_host", taskId, host: "example.com" },
      { type: "set_budget", taskId, budget: { maxUsd: 3 } },
    ];
    for (const command of commands) {
      await outbox.add(command);
      await empty(outbox);
    }
    const t = `/api/tasks/${taskId}`;
    expect(server.asked.map(({ method, path, body }) => [`${method} ${path}`, body])).toEqual([
      ["POST /api/tasks", { repository: "https://example.com/a", prompt: "p" }],
      [`PATCH ${t}/messages/m_1`, { text: "t" }],
      [`DELETE ${t}/messages/m_1`, {}],
      [`PUT ${t}/messages/order`, { messageIds: ["m_1"] }],
      [`POST ${t}/stop`, {}],
      [`POST ${t}/cancel`, {}],
      [`POST ${t}/retry`, {}],
      [`POST ${t}/archive`, {}],
      [`POST ${t}/approve`, { kind: "workflows" }],
      [`POST ${t}/answer`, { questionId: "q1", answer: "yes" }],
      [`POST ${t}/rollback`, { turn: 1 }],
      [`POST ${t}/fork`, { prompt: "p", turn: 1 }],
      [`POST ${t}/egress/allow`, { host: "example.com" }],
      [`POST ${t}/budget`, { maxUsd: 3 }],
    ]);
    expect(new Set(server.asked.map(({ key }) => key)).size).toBe(commands.length);
  });

  test("that a second tap asks for again is one", async () => {
    const { device, taskId, outbox } = setUp();
    device.isOnline = false;
    const first = await outbox.add({ type: "stop", taskId });
    expect((await outbox.add({ type: "stop", taskId })).id).toBe(first.id);
  });
});

describe("exactly once", () => {
  test("though the answer was lost", async () => {
    const { server, say, outbox } = setUp();
    let cuts = 2;
    server.fault = () => (cuts-- > 0 ? "cut-after" : null);
    await outbox.add(say("hello"));
    await until("a try in vain", () => kept(outbox)[0]?.status === "retrying");
    expect(kept(outbox)[0]).toMatchObject({ cause: "unreachable", mayHaveArrived: true });
    for (let tries = 0; tries < 3; tries++) await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["message:hello"]);
    expect(new Set(server.asked.map(({ key }) => key)).size).toBe(1);
  });

  test("though the app died after it was sent and before it was taken out", async () => {
    const { device, server, say, outbox } = setUp();
    const arrived = Promise.withResolvers<void>();
    // The answer never comes, and the app is gone while it waits.
    server.fault = () => {
      arrived.resolve();
      return new Response(new ReadableStream({}));
    };
    await outbox.add(say("hello"));
    await arrived.promise;
    await outbox.close();
    server.fault = () => null;
    const again = device.open();
    await again.loaded;
    expect(kept(again)[0]).toMatchObject({ status: "sending", attempts: 1 });
    await again.flush();
    await empty(again);
    expect(server.effects).toEqual(["message:hello"]);
    expect(new Set(server.asked.map(({ key }) => key)).size).toBe(1);
  });

  test("though the device could not take it out after the server had it", async () => {
    const { device, server, say, outbox: other } = setUp();
    await other.close();
    const real = device.local;
    let failures = 1;
    const failing: LocalStore = {
      close: () => real.close(),
      transaction: (mode, work) =>
        real.transaction(mode, (tx) =>
          work({
            ...tx,
            delete: (key) => (failures-- > 0 ? Promise.reject(new Error("disk")) : tx.delete(key)),
          }),
        ),
    };
    const outbox = new DurableOutbox({
      local: failing,
      tabs: device.tabs,
      attachments: { bytes: async () => null },
      api: createAppClient({ baseUrl: server.url, token: "good", retries: 0 }),
      newId: () => crypto.randomUUID(),
      now: () => device.nowMs,
      isReachable: async () => true,
      isFollowed: () => true,
      onError: (error) => device.errors.push(error),
    });
    toClose.push(outbox);
    await outbox.add(say("hello"));
    await until("the device's failure", () => device.errors.length > 0);
    await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["message:hello"]);
    expect(server.asked).toHaveLength(2);
  });

  test("from two tabs: only one sends at a time", async () => {
    const { device, server, say, outbox } = setUp();
    device.isOnline = false;
    for (const text of ["1", "2", "3"]) await outbox.add(say(text));
    const other = device.open();
    await other.loaded;
    device.isOnline = true;
    await Promise.all([outbox.flush(), other.flush()]);
    expect(server.effects).toEqual(["message:1", "message:2", "message:3"]);
    expect(server.asked).toHaveLength(3);
  });

  test("and in order, whatever goes wrong and however often the app ends in the middle", async () => {
    const trouble = fc.constantFrom<(() => Fault) | "die" | null>(
      null,
      () => "cut-before",
      () => "cut-after",
      () => refusal(500, "internal", "It broke."),
      () => refusal(503, "not_ready", "Later."),
      () => refusal(429, "rate_limited", "Slow."),
      () => new Response("<html>sign in</html>"),
      "die",
    );
    const plan = fc.record({
      messages: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 6 }),
      troubles: fc.array(trouble, { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ messages, troubles }) => {
        const device = new Device();
        const { server } = device;
        const tasks = [server.addTask(1, created), server.addTask(2, created)];
        let outbox = device.open();
        let isDying = false;
        const left = [...troubles];
        server.fault = () => {
          const next = left.shift() ?? null;
          if (next !== "die") return next?.() ?? null;
          isDying = true;
          return "cut-after";
        };
        const said: string[][] = [[], []];
        for (const [n, to] of messages.entries()) {
          said[to - 1]?.push(`message:${to}.${n}`);
          await outbox.add({ type: "send_message", taskId: tasks[to - 1]?.id ?? "", text: `${to}.${n}` });
        }
        for (let rounds = 0; kept(outbox).length > 0; rounds++) {
          expect(rounds).toBeLessThan(40);
          if (isDying) {
            isDying = false;
            await outbox.close();
            outbox = device.open();
            await outbox.loaded;
          }
          device.nowMs += 61_000;
          await outbox.flush();
        }
        await outbox.close();
        for (const to of [1, 2])
          expect(server.effects.filter((effect) => effect.startsWith(`message:${to}.`))).toEqual(
            said[to - 1] ?? [],
          );
        await server.goAway();
      }),
      { numRuns: 40 },
    );
  });

  test("and is taken out when the log shows it, though no answer ever came", async () => {
    const { server, taskId, say, outbox } = setUp();
    server.fault = () => "cut-after";
    await outbox.add(say("hello"));
    await until("a try in vain", () => kept(outbox)[0]?.status === "retrying");
    outbox.observe(taskId, applyEvents(EMPTY_VIEW, server.logs.get(taskId) ?? []));
    await empty(outbox);
    expect(server.asked).toHaveLength(1);
  });

  test("an answer is taken out when the log shows it", async () => {
    const { device, server, taskId, outbox } = setUp();
    device.isOnline = false;
    await outbox.add({ type: "answer", taskId, questionId: "q1", answer: "yes" });
    server.append(
      taskId,
      { type: "question.asked", questionId: "q1", question: "Sure?" } as never,
      { type: "question.answered", questionId: "q1", answer: "yes" } as never,
    );
    outbox.observe(taskId, applyEvents(EMPTY_VIEW, server.logs.get(taskId) ?? []));
    await empty(outbox);
  });
});

describe("the order of one task", () => {
  test("is kept, while others go on", async () => {
    const { server, say, outbox } = setUp();
    const other = server.addTask(2, created);
    let isDown = true;
    server.fault = ({ body }) =>
      isDown && body.text === "first" ? refusal(503, "not_ready", "Later.") : null;
    await outbox.add(say("first"));
    await until("a try", () => kept(outbox)[0]?.status === "retrying");
    await outbox.add(say("second"));
    await outbox.add({ type: "send_message", taskId: other.id, text: "other" });
    await until("the other", () => server.effects.length === 1);
    expect(server.effects).toEqual(["message:other"]);
    await until("its reason", () => kept(outbox)[1]?.cause === "behind");
    expect(kept(outbox)[1]).toMatchObject({ status: "unsent", reason: "It waits for the one before it." });
    isDown = false;
    await outbox.flush();
    expect(server.effects).toEqual(["message:other", "message:first", "message:second"]);
  });

  test("is the one that a person gives it", async () => {
    const { device, server, taskId, say, outbox } = setUp();
    device.isOnline = false;
    const [a, b, c] = [await outbox.add(say("a")), await outbox.add(say("b")), await outbox.add(say("c"))];
    await outbox.reorder(taskId, [c.id, a.id, b.id]);
    expect(texts(outbox)).toEqual(["c", "a", "b"]);
    expect(outbox.reorder(taskId, [a.id, b.id])).rejects.toThrow("meanwhile");
    device.isOnline = true;
    await outbox.flush();
    expect(server.effects).toEqual(["message:c", "message:a", "message:b"]);
  });
});

describe("a person", () => {
  test("edits and withdraws what was not sent", async () => {
    const { device, server, say, outbox } = setUp();
    device.isOnline = false;
    const [a, b] = [await outbox.add(say("a")), await outbox.add(say("b"))];
    await outbox.edit(a.id, "better");
    expect(await outbox.withdraw(b.id)).toEqual({ mayHaveArrived: false });
    expect(texts(outbox)).toEqual(["better"]);
    expect(outbox.withdraw(b.id)).rejects.toThrow("no longer");
    device.isOnline = true;
    await outbox.flush();
    expect(server.effects).toEqual(["message:better"]);
  });

  test("is told when it is too late", async () => {
    const { server, say, outbox } = setUp();
    server.fault = () => "cut-after";
    const entry = await outbox.add(say("a"));
    await until("a try in vain", () => kept(outbox)[0]?.status === "retrying");
    const failed = await outbox.edit(entry.id, "b").catch((error: Error) => error.message);
    expect(failed).toContain("too late");
    expect(await outbox.withdraw(entry.id)).toEqual({ mayHaveArrived: true });
  });

  test("sees what was refused, and sends it again under a new key once it is edited", async () => {
    const { server, say, outbox } = setUp();
    server.fault = ({ body }) =>
      body.text === "bad" ? refusal(409, "conflict", "The task is archived.") : null;
    const entry = await outbox.add(say("bad"));
    await outbox.add(say("next"));
    await until("the next", () => server.effects.length === 1);
    await until("the refusal", () => kept(outbox)[0]?.status === "refused");
    expect(kept(outbox)[0]).toMatchObject({
      status: "refused",
      reason: "The task is archived. Do otherwise.",
      problem: { code: "conflict" },
      mayHaveArrived: false,
    });
    await outbox.flush();
    expect(kept(outbox)).toHaveLength(1);
    await outbox.edit(entry.id, "good");
    await empty(outbox);
    expect(server.effects).toEqual(["message:next", "message:good"]);
    expect(server.asked.at(-1)?.key).not.toBe(entry.id);
  });

  test("sends what was refused once more as it is, under a new key", async () => {
    const { server, taskId, outbox } = setUp();
    let isRefusing = true;
    server.fault = () => (isRefusing ? refusal(409, "conflict", "The task is at rest.") : null);
    const entry = await outbox.add({ type: "archive", taskId });
    await until("the refusal", () => kept(outbox)[0]?.status === "refused");
    isRefusing = false;
    await outbox.confirm(entry.id);
    await empty(outbox);
    expect(server.effects).toEqual(["archive:{}"]);
    expect(server.asked.at(-1)?.key).not.toBe(entry.id);
  });

  test("is asked about what is older than an hour, and only then is it sent", async () => {
    const { device, server, taskId, say, outbox } = setUp();
    device.isOnline = false;
    const old = await outbox.add(say("old"));
    await outbox.add(say("old too"));
    device.nowMs += HOUR_MS + 1000;
    device.isOnline = true;
    await outbox.add(say("new"));
    await outbox.add({ type: "stop", taskId });
    await until("the urgent one", () => server.effects.length === 1 && kept(outbox).length === 3);
    expect(server.effects).toEqual(["stop:{}"]);
    expect(kept(outbox).map(({ status }) => status)).toEqual([
      "needs_confirmation",
      "needs_confirmation",
      "unsent",
    ]);
    expect(kept(outbox)[0]?.reason).toContain("more than an hour old");
    expect(kept(outbox)[2]?.reason).toContain("an older one before it");
    await outbox.confirm(old.id);
    await until("the confirmed one", () => server.effects.length === 2 && kept(outbox).length === 2);
    await outbox.withdraw(kept(outbox)[0]?.id ?? "");
    await empty(outbox);
    expect(server.effects).toEqual(["stop:{}", "message:old", "message:new"]);
  });
});

describe("why it is stuck", () => {
  const stuck = async (answer: () => Response) => {
    const { device, server, say, outbox } = setUp();
    server.fault = answer;
    await outbox.add(say("a"));
    await until("a try", () => (kept(outbox)[0]?.attempts ?? 0) > 0 && kept(outbox)[0]?.status !== "sending");
    const entry = kept(outbox)[0];
    const waitMs = entry?.retryAt == null ? null : Date.parse(entry.retryAt) - device.nowMs;
    return { entry, waitMs };
  };

  test("is said where there is no connection, and nothing is sent into the void", async () => {
    const { device, server, say, outbox } = setUp();
    device.isOnline = false;
    await outbox.add(say("a"));
    await until("its reason", () => kept(outbox)[0]?.cause === "unreachable");
    expect(kept(outbox)[0]).toMatchObject({ status: "unsent", attempts: 0, mayHaveArrived: false });
    expect(server.asked).toEqual([]);
  });

  test("is the server's own trouble", async () => {
    const { entry } = await stuck(() => refusal(500, "internal", "It broke."));
    expect(entry).toMatchObject({ status: "retrying", cause: "server", mayHaveArrived: true });
    expect(entry?.reason).toContain("It broke.");
  });

  test("is that the server wants fewer requests, for as long as it says", async () => {
    const { entry, waitMs } = await stuck(() =>
      refusal(429, "rate_limited", "Slow.", { "retry-after": "90" }),
    );
    expect(entry).toMatchObject({ status: "retrying", cause: "rate_limited", mayHaveArrived: false });
    expect(waitMs).toBeGreaterThanOrEqual(90_000);
  });

  test("is that nobody is signed in", async () => {
    const { entry, waitMs } = await stuck(() => refusal(401, "unauthorized", "Who?"));
    expect(entry).toMatchObject({ status: "retrying", cause: "signed_out" });
    expect(waitMs).toBeNull();
  });

  test("is a sign-in page of the network in between, which is no success", async () => {
    const page = () => new Response("<html>Welcome to the hotel</html>", { status: 200 });
    expect((await stuck(page)).entry).toMatchObject({ status: "retrying", cause: "server" });
    const proxy = () => new Response("forbidden", { status: 403 });
    expect((await stuck(proxy)).entry).toMatchObject({ status: "retrying", cause: "server" });
  });
});

test("a message that the server has is shown until the log shows it", async () => {
  const { server, taskId, say, outbox } = setUp();
  const entry = await outbox.add(say("hello"));
  await empty(outbox);
  expect(outbox.getSnapshot()).toMatchObject([{ id: entry.id, status: "sent" }]);
  outbox.observe(taskId, applyEvents(EMPTY_VIEW, server.logs.get(taskId) ?? []));
  expect(outbox.getSnapshot()).toEqual([]);
});
