import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { FakeServer } from "../../packages/client/test/fake-server.ts";
import { created, longLog, turn } from "../../packages/client/test/logs.ts";
import { chromium } from "./support/chromium.ts";
import { openTab, type Tab } from "./support/tab.ts";

if (chromium === null)
  process.stdout.write("The device's store in a real browser is skipped: there is none here.\n");

const server = new FakeServer();
let tab: Tab;
beforeAll(async () => {
  if (chromium === null) return;
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "../../packages/client/src/app.ts")],
    target: "browser",
  });
  const script = (await built.outputs[0]?.text()) ?? "";
  const page = '<script type="module">import * as app from "/app.js"; window.app = app;</script>';
  server.files = {
    "/": { type: "text/html", text: `${page}<iframe src="/frame"></iframe><iframe src="/frame"></iframe>` },
    "/frame": { type: "text/html", text: page },
    "/app.js": { type: "text/javascript", text: script },
  };
  tab = await openTab();
});
afterAll(async () => {
  await tab?.[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The page is loaded, and its frames with it. */
async function load(): Promise<void> {
  await tab.goto(server.url);
  await until("the page", "window.app && Array.from(frames).every((it) => it.app)");
}

async function until(what: string, expression: string): Promise<void> {
  const endsAt = Date.now() + 20_000;
  while (!(await tab.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > endsAt) throw new Error(`it never came to this: ${what}`);
    await Bun.sleep(20);
  }
}

test.skipIf(chromium === null)(
  "a real IndexedDB keeps all of a transaction or nothing, and in order",
  async () => {
    await load();
    const outcome = await tab.evaluate<Record<string, unknown>>(`(async () => {
    const store = app.openIndexedDbStore("one");
    await store.transaction("write", async (tx) => {
      await Promise.all(["b", "a/~", "a/1", "a/Z", "a/_"].map((key) => tx.put(key, { key })));
    });
    const failed = await store.transaction("write", async (tx) => {
      await tx.put("a/1", "changed");
      await tx.get("a/1");
      await tx.deletePrefix("a/");
      throw new Error("on purpose");
    }).catch((error) => error.message);
    const add = () => store.transaction("write", async (tx) => {
      await tx.put("count", ((await tx.get("count")) ?? 0) + 1);
    });
    await Promise.all(Array.from({ length: 20 }, add));
    const list = (query) => store.transaction("read", async (tx) => (await tx.list(query)).map((it) => it.key));
    const all = {
      failed,
      keys: await list({ prefix: "a/" }),
      backwards: await list({ prefix: "a/", after: "a/1", isReversed: true, limit: 2 }),
      one: await store.transaction("read", (tx) => tx.get("a/1")),
      count: await store.transaction("read", (tx) => tx.get("count")),
      written: await store.transaction("read", (tx) => tx.put("x", 1)).then(() => "written", () => "refused"),
    };
    await store.close();
    return all;
  })()`);
    expect(outcome).toEqual({
      failed: "on purpose",
      keys: ["a/1", "a/Z", "a/_", "a/~"],
      backwards: ["a/~", "a/_"],
      one: { key: "a/1" },
      count: 20,
      written: "refused",
    });
    await load();
    const kept = await tab.evaluate(
      `app.openIndexedDbStore("one").transaction("read", (tx) => tx.get("count"))`,
    );
    expect(kept).toBe(20);
  },
);

const open = `({ openServer, openIndexedDbStore, browserTabs }, name) => {
  const local = openIndexedDbStore(name);
  return openServer({
    baseUrl: location.origin, token: "good", backoff: { firstDelayMs: 20, maxDelayMs: 100 },
    local, tabs: browserTabs(name, local),
  });
}`;

for (const [what, name, hide] of [
  ["share an outbox", "two", ""],
  // As on a page over plain http.
  [
    "share one without Web Locks too",
    "bare",
    `Object.defineProperty(it.navigator, "locks", { value: undefined })`,
  ],
] as const)
  test.skipIf(chromium === null)(
    `two tabs ${what}: each command is sent once, and both see it go`,
    async () => {
      const { id } = server.addTask(1, created, turn(1));
      const [effects, asked] = [server.effects.length, server.asked.length];
      await load();
      await tab.evaluate(`Array.from(frames).forEach((it) => { ${hide} })`);
      await tab.evaluate(
        `void (window.servers = Array.from(frames).map((it) => (${open})(it.app, "${name}")))`,
      );
      await until("both connected", `servers.every((it) => it.connection.getSnapshot().status === "live")`);
      await server.goAway();
      await until("both offline", `servers.every((it) => it.connection.getSnapshot().status === "offline")`);
      await tab.evaluate(`(async () => {
    for (let n = 0; n < 6; n++)
      await servers[n % 2].outbox.add({ type: "send_message", taskId: "${id}", text: "message " + n });
  })()`);
      await until("both see all", `servers.every((it) => it.outbox.getSnapshot().length === 6)`);
      server.comeBack();
      await until("both see none", `servers.every((it) => it.outbox.getSnapshot().length === 0)`);
      expect(server.effects.slice(effects)).toEqual(
        Array.from({ length: 6 }, (_, n) => `message:message ${n}`),
      );
      expect(server.asked.slice(asked).filter(({ method }) => method === "POST")).toHaveLength(6);
    },
  );

test.skipIf(chromium === null)("a task of 10,000 events opens from the device without a server", async () => {
  const { id } = server.addTask(2, ...longLog(10_000).map(({ body }) => body));
  await load();
  await tab.evaluate(`void (window.server = (${open})(app, "long"), window.task = server.openTask("${id}"))`);
  await until("all of it", `task.getSnapshot().status === "live" && task.getSnapshot().view.seq === 10000`);
  await tab.evaluate("server.settled()");
  await server.goAway();
  const figures = await tab.evaluate<{ seq: number; rows: number; tookMs: number }>(`(async () => {
    await server.close();
    const begunAt = performance.now();
    const again = (${open})(app, "long");
    const task = again.openTask("${id}");
    while (task.getSnapshot().status !== "local") await new Promise((resolve) => setTimeout(resolve));
    const { view } = task.getSnapshot();
    const tookMs = performance.now() - begunAt;
    return { seq: view.seq, rows: app.chatRows(view).length, tookMs };
  })()`);
  expect(figures).toMatchObject({ seq: 10_000 });
  expect(figures.rows).toBeGreaterThan(1000);
  process.stdout.write(`10,000 events opened from IndexedDB in ${Math.round(figures.tookMs)} ms.\n`);
});
