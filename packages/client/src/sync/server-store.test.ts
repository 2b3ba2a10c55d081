import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import { FakeServer } from "../../test/fake-server.ts";
import { created, finished, says, started, state, turn } from "../../test/logs.ts";
import { until } from "../../test/until.ts";
import type { LocalStore } from "../local/local-store.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import type { TokenSource } from "../token-source.ts";
import { chatRows } from "../view/chat.ts";
import type { OpenTask, ServerOptions, ServerStore } from "./api.ts";
import { openServer } from "./server-store.ts";

setDefaultTimeout(30_000);

const QUICK = { firstDelayMs: 5, maxDelayMs: 20 };
const stores: ServerStore[] = [];
const servers: FakeServer[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const server of servers.splice(0)) await server.goAway();
});

function serve(): FakeServer {
  const server = new FakeServer();
  servers.push(server);
  return server;
}

/** A store that outlives those who close it, as a device's disk does. */
function disk(): LocalStore {
  const store = createMemoryStore();
  return { transaction: store.transaction, close: async () => undefined };
}

function open(server: FakeServer, options: Partial<ServerOptions> = {}): ServerStore {
  const store = openServer({
    baseUrl: `${server.url}/`,
    token: "good",
    local: disk(),
    backoff: QUICK,
    gatherMs: 1,
    ...options,
  });
  stores.push(store);
  return store;
}

const status = (store: ServerStore) => store.connection.getSnapshot().status;
const live = (store: ServerStore) => until("a live connection", () => status(store) === "live");
const current = (task: OpenTask) => until("a live task", () => task.getSnapshot().status === "live");
const texts = (task: OpenTask) =>
  chatRows(task.getSnapshot().view).flatMap((row) => ("text" in row ? [row.text] : []));
const step = (n: number): EventBody => says(`msg${n}`, { text: `step ${n}` });

describe("a task", () => {
  test("is shown from the server, follows it, and from the device when the app starts without a server", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1, "go"), step(1));
    const local = disk();
    const store = open(server, { local });
    const task = store.openTask(id);
    expect(task.getSnapshot()).toMatchObject({ status: "loading", view: { seq: 0 } });
    await current(task);
    expect(texts(task)).toEqual(["go", "step 1"]);
    server.append(id, step(2));
    await until("the next step", () => texts(task).length === 3);
    await store.settled();
    await store.close();
    await server.goAway();

    const again = open(server, { local });
    const offline = again.openTask(id);
    await until("the local view", () => offline.getSnapshot().status === "local");
    expect(texts(offline)).toEqual(["go", "step 1", "step 2"]);
    await until("the local list", () => again.tasks.getSnapshot().status === "local");
    expect(again.tasks.getSnapshot().tasks.map((it) => it.id)).toEqual([id]);
  });

  test("resumes behind the last event it has, and says how much it caught up", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), step(1));
    const store = open(server);
    const task = store.openTask(id);
    await current(task);
    expect(task.getSnapshot().caughtUp).toBeNull();
    // The task may be there before the list, and who does not know the list can miss nothing of it.
    await until("the list", () => store.tasks.getSnapshot().status === "live");
    await server.goAway();
    await until("no connection", () => task.getSnapshot().status === "local");
    server.append(id, step(2), step(3));
    server.comeBack();
    await until("what was missed", () => task.getSnapshot().status === "live");
    expect(server.subscriptions.map(({ after }) => after)).toEqual([0, 3]);
    expect(task.getSnapshot().caughtUp).toEqual({ events: 2 });
    await until("the count of all", () => store.caughtUp.getSnapshot() !== null);
    expect(store.caughtUp.getSnapshot()).toEqual({ events: 2, tasks: 1 });
    task.dismissCaughtUp();
    store.dismissCaughtUp();
    expect([task.getSnapshot().caughtUp, store.caughtUp.getSnapshot()]).toEqual([null, null]);
  });

  test("forgets what a shorter log does not know, here and on the device", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), step(1), step(2), step(3));
    const local = disk();
    const store = open(server, { local });
    const task = store.openTask(id);
    await current(task);
    await server.goAway();
    await until("no connection", () => task.getSnapshot().status === "local");
    // As after a restored backup: another past.
    server.logs.set(id, []);
    server.append(id, created, turn(1), says("x", { text: "another" }));
    server.comeBack();
    await until("the other past", () => texts(task).includes("another"));
    await current(task);
    expect(texts(task)).toEqual(["turn 1", "another"]);
    await store.settled();
    const kept = await local.transaction("read", (tx) => tx.list({ prefix: `event/${id}/` }));
    expect(kept).toHaveLength(3);
  });

  test("asks again for an event that was left out, and connects anew where it stays out", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), step(1), step(2), step(3));
    server.leavesOut = { seq: 4, times: 2 };
    const task = open(server).openTask(id);
    await current(task);
    expect(texts(task)).toEqual(["turn 1", "step 1", "step 2", "step 3"]);
    expect(server.subscriptions.map(({ after }) => after)).toEqual([0, 3, 3]);
    expect(server.connections).toBe(2);
  });

  test("streams, keeps what it has of an answer without a connection, and goes on from the whole of it", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), state("queued", "running"));
    const task = open(server).openTask(id);
    await current(task);
    server.delta(id, "msg1", "Hel");
    await until("the first piece", () => texts(task).includes("Hel"));
    await server.goAway();
    await until("no connection", () => task.getSnapshot().status === "local");
    expect(texts(task)).toEqual(["turn 1", "Hel"]);
    server.comeBack();
    await current(task);
    server.delta(id, "msg1", "wor");
    server.delta(id, "msg1", "Hello, wor", true);
    server.delta(id, "msg1", "ld");
    await until("the whole so far", () => texts(task).at(-1) === "Hello, world");
    server.append(id, says("msg1", { text: "Hello" }));
    await until("the whole answer", () => texts(task).includes("Hello"));
    expect(texts(task)).toEqual(["turn 1", "Hello"]);
  });

  test("that the server does not have is gone, and others are not disturbed", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1));
    const store = open(server);
    const there = store.openTask(id);
    const missing = store.openTask("t_missing");
    await until("word of it", () => missing.getSnapshot().status === "gone");
    await current(there);
    expect(missing.getSnapshot().problem).toMatchObject({ code: "not_found" });
  });

  test("opened twice is one, and is followed until the last has let go", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1));
    const store = open(server);
    const [one, other] = [store.openTask(id), store.openTask(id)];
    await current(one);
    expect(other.getSnapshot()).toBe(one.getSnapshot());
    one.release();
    one.release();
    server.append(id, step(1));
    await until("news for the other", () => texts(other).includes("step 1"));
    other.release();
    await store.settled();
    const again = store.openTask(id);
    await current(again);
    expect(server.subscriptions.map(({ after }) => after)).toEqual([0, 3]);
  });

  test("changes its snapshot once for many events, and not at all for none", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), ...Array.from({ length: 500 }, (_, n) => step(n)));
    const task = open(server, { gatherMs: 20 }).openTask(id);
    let changes = 0;
    task.subscribe(() => {
      changes += 1;
    });
    await current(task);
    expect(task.getSnapshot().view.rows.length).toBe(501);
    expect(changes).toBeLessThan(50);
    const before = task.getSnapshot();
    expect(task.getSnapshot()).toBe(before);
  });
});

describe("what somebody looks at", () => {
  test("is said, and said again to each new connection", async () => {
    const server = serve();
    const store = open(server);
    const end = store.look("t_a");
    await until("the first word", () => server.looks.length === 1);
    await server.goAway();
    await until("no connection", () => status(store) !== "live");
    server.comeBack();
    await until("the second word", () => server.looks.length === 2);
    end();
    await until("the end", () => server.looks.length === 3);
    expect(server.looks).toEqual(["t_a", "t_a", null]);
  });

  test("is the newest task, even where the one before lets go later", async () => {
    const server = serve();
    const store = open(server);
    await live(store);
    const endFirst = store.look("t_a");
    const endSecond = store.look("t_b");
    endFirst();
    endSecond();
    await until("the end", () => server.looks.at(-1) === null);
    expect(server.looks.slice(-3)).toEqual(["t_a", "t_b", null]);
  });
});

describe("the list of tasks", () => {
  test("is newest first, follows changes, and drops what the server has no more", async () => {
    const server = serve();
    const [a, b] = [server.addTask(1, created), server.addTask(2, created)];
    const store = open(server);
    await until("the list", () => store.tasks.getSnapshot().status === "live");
    const ids = () => store.tasks.getSnapshot().tasks.map(({ id }) => id);
    expect(ids()).toEqual([b.id, a.id]);
    server.append(a.id, turn(1));
    await until("the change", () => store.tasks.getSnapshot().tasks[1]?.lastSeq === 2);
    server.tasks.delete(a.id);
    server.drop();
    await until("the new list", () => ids().length === 1);
    expect(ids()).toEqual([b.id]);
  });

  test("is asked for again when somebody wants to be sure, and says where it cannot be", async () => {
    const server = serve();
    const [a, b] = [server.addTask(1, created), server.addTask(2, created)];
    const store = open(server);
    await until("the list", () => store.tasks.getSnapshot().status === "live");
    // Nothing tells of it.
    server.tasks.delete(a.id);
    expect(await store.refresh()).toBe(true);
    expect(store.tasks.getSnapshot().tasks.map(({ id }) => id)).toEqual([b.id]);
    // What the person has asked for is no time away.
    expect(store.caughtUp.getSnapshot()).toBeNull();
    await server.goAway();
    await until("no connection", () => status(store) !== "live");
    expect(await store.refresh()).toBe(false);
  });

  test("shows the first change at once, and many right after it together", async () => {
    const server = serve();
    const { id } = server.addTask(1, created);
    const store = open(server);
    await until("the list", () => store.tasks.getSnapshot().status === "live");
    await live(store);
    let changes = 0;
    store.tasks.subscribe(() => {
      changes += 1;
    });
    const steps = 400;
    for (let n = 0; n < steps; n += 1) server.append(id, step(n));
    await until("the last", () => store.tasks.getSnapshot().tasks[0]?.lastSeq === steps + 1);
    expect(changes).toBeGreaterThan(1);
    expect(changes).toBeLessThan(steps / 10);
  });
});

describe("the outbox and the chat", () => {
  test("what is written offline is shown at once and arrives once, without a gap or a double", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1, "go"), state("queued", "running"));
    const store = open(server);
    const task = store.openTask(id);
    await current(task);
    await server.goAway();
    await until("no connection", () => status(store) === "offline");
    await store.outbox.add({ type: "send_message", taskId: id, text: "one" });
    await store.outbox.add({ type: "send_message", taskId: id, text: "two" });
    const rows = () => chatRows(task.getSnapshot().view, store.outbox.getSnapshot());
    const pending = () => rows().flatMap((row) => (row.kind === "pending" ? [row.text] : []));
    expect(pending()).toEqual(["one", "two"]);
    await until("the reason", () =>
      rows().some((row) => row.kind === "pending" && row.reason?.includes("no connection") === true),
    );
    const seen: string[][] = [];
    const look = () => seen.push(pending());
    store.outbox.subscribe(look);
    task.subscribe(look);
    server.comeBack();
    await until("both there", () => server.effects.length === 2);
    await until("both from the log", () => task.getSnapshot().view.waiting.length === 2);
    await until("an empty outbox", () => store.outbox.getSnapshot().length === 0);
    expect(server.effects).toEqual(["message:one", "message:two"]);
    for (const texts of seen) expect(texts).toEqual(["one", "two"]);
  });

  test("what was written before a restart goes out after it", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1));
    const local = disk();
    const first = open(server, { local });
    await until("the list", () => first.tasks.getSnapshot().status === "live");
    await server.goAway();
    await until("no connection", () => status(first) === "offline");
    await first.outbox.add({ type: "archive", taskId: id });
    await first.close();
    server.comeBack();
    const second = open(server, { local });
    await until("the archiving", () => server.effects.includes("archive:{}"));
    await until("an empty outbox", () => second.outbox.getSnapshot().length === 0);
  });
});

describe("whoever is signed in", () => {
  test("sees nothing of somebody else's, and sends nothing for them", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1), says("a", { text: "secret" }));
    const local = disk();
    const hers = open(server, { local });
    const task = hers.openTask(id);
    await current(task);
    hers.drafts.setText(id, "half a thought");
    await hers.settled();
    await server.goAway();
    await until("no connection", () => status(hers) === "offline");
    await hers.outbox.add({ type: "send_message", taskId: id, text: "mine" });
    await hers.close();

    server.userId = "u2";
    server.tasks.clear();
    server.comeBack();
    const his = open(server, { local });
    await until("his own list", () => his.tasks.getSnapshot().status === "live");
    expect(his.tasks.getSnapshot().tasks).toEqual([]);
    expect(his.outbox.getSnapshot()).toEqual([]);
    expect(server.effects).toEqual([]);
    const kept = await local.transaction("read", (tx) => tx.list({ prefix: "" }));
    expect(kept).toEqual([{ key: "meta/user", value: "u2" }]);
  });

  test("who signs out leaves nothing behind", async () => {
    const server = serve();
    server.addTask(1, created);
    const local = disk();
    const store = open(server, { local });
    await until("the list", () => store.tasks.getSnapshot().status === "live");
    await store.settled();
    await store.forget();
    expect(await local.transaction("read", (tx) => tx.list({ prefix: "" }))).toEqual([]);
  });
});

describe("the connection", () => {
  test("says what the sheet shows", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1));
    const store = open(server);
    await current(store.openTask(id));
    store.nudge();
    await until("the last event", () => store.connection.getSnapshot().lastEvent?.seq === 2);
    await until("version and latency", () => {
      const { serverVersion, latencyMs } = store.connection.getSnapshot();
      return serverVersion === "9.9.9" && latencyMs !== null;
    });
    expect(store.connection.getSnapshot()).toMatchObject({ status: "live", failures: 0, problem: null });
    await server.goAway();
    await until("no connection", () => status(store) === "offline");
    expect(store.connection.getSnapshot()).toMatchObject({ serverVersion: "9.9.9", outboxDepth: 0 });
    await store.outbox.add({ type: "stop", taskId: id });
    expect(store.connection.getSnapshot().outboxDepth).toBe(1);
    expect(store.connection.getSnapshot().nextRetryAtMs).toBeGreaterThan(0);
    expect(store.connection.getSnapshot().problem?.detail).toContain("No coordinator answers");
  });

  test("is tried at once when somebody nudges it or asks, however long the wait was", async () => {
    for (const push of ["nudge", "retryNow"] as const) {
      const server = serve();
      await server.goAway();
      const store = open(server, { backoff: { firstDelayMs: 1e6, maxDelayMs: 1e6 } });
      await until("no connection", () => status(store) === "offline");
      server.comeBack();
      if (push === "nudge") store.nudge();
      else store.connection.retryNow();
      await live(store);
    }
  });

  test("that is dead is found out as soon as somebody looks", async () => {
    const server = serve();
    const store = open(server);
    await live(store);
    server.isMute = true;
    // What was on its way already is a sign of life: then only the next look finds out.
    await until("no connection", () => {
      store.nudge();
      return status(store) !== "live";
    });
    server.isMute = false;
    store.connection.retryNow();
    await live(store);
  });

  test("that is dead is found out by silence", async () => {
    const server = serve();
    const store = open(server, { pingIntervalMs: 50 });
    await live(store);
    server.isMute = true;
    await until("no connection", () => status(store) !== "live");
    server.isMute = false;
    store.connection.retryNow();
    await live(store);
  });

  test("takes one new token where the old one is turned away, once for all who need one", async () => {
    const server = serve();
    const { id } = server.addTask(1, created, turn(1));
    let refreshes = 0;
    let valid = "old";
    const token: TokenSource = {
      current: async () => valid,
      renew: async (refused) => {
        if (refused === valid) {
          refreshes += 1;
          valid = "good";
        }
        return valid;
      },
    };
    const task = open(server, { token }).openTask(id);
    await current(task);
    expect(refreshes).toBe(1);
  });

  test("is refused where the sign-in has ended, until somebody signs in and tries again", async () => {
    const server = serve();
    server.tokens.clear();
    const store = open(server);
    await until("the refusal", () => status(store) === "refused");
    expect(store.connection.getSnapshot()).toMatchObject({
      nextRetryAtMs: null,
      problem: { code: "unauthorized" },
    });
    server.tokens.add("good");
    store.connection.retryNow();
    await live(store);
  });

  test("says that the versions do not fit", async () => {
    const server = serve();
    server.protocol = 99;
    const store = open(server);
    await until("the refusal", () => status(store) === "refused");
    expect(store.connection.getSnapshot().problem).toMatchObject({ code: "unsupported_protocol" });
  });
});

test("a device whose store is full still shows what the server has", async () => {
  const server = serve();
  const { id } = server.addTask(
    1,
    created,
    turn(1),
    says("a", { text: "Hello" }),
    started("t"),
    finished("t"),
  );
  const real = disk();
  const errors: unknown[] = [];
  const full: LocalStore = {
    close: async () => undefined,
    transaction: (mode, work) =>
      mode === "read" ? real.transaction(mode, work) : Promise.reject(new Error("the disk is full")),
  };
  const store = open(server, { local: full, onError: (error) => errors.push(error) });
  const task = store.openTask(id);
  await current(task);
  expect(texts(task)).toEqual(["turn 1", "Hello"]);
  expect(errors.length).toBeGreaterThan(0);
  const add = store.outbox.add({ type: "stop", taskId: id }).catch(String);
  expect(await add).toBe("Error: the disk is full");
});
