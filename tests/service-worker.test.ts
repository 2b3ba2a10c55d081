/** The app's service worker, as it is served, in as much of a browser's scope as it uses for notifications. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { DENIED, type DeviceInfo, PushNotification } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";

const SOURCE = await Bun.file(join(import.meta.dir, "../packages/mobile/public/sw.js")).text();
const [QUESTION, APPROVAL, TEST] = fixtures.notifications.push.map((it) => PushNotification.parse(it));
if (!QUESTION || !APPROVAL || !TEST) throw new Error("there are fewer examples than there were");

interface Asked {
  method: string;
  path: string;
  key: string | null;
  body: unknown;
}

interface Options {
  answer?: (asked: Asked) => { status?: number; body?: unknown } | "offline";
  /** Windows of the app that are open. */
  windows?: number;
  /** The browser keeps nothing more. */
  isFull?: boolean;
}

/** What the worker did, and a way to let it hear of something. */
function start({ answer = () => ({}), windows = 0, isFull = false }: Options = {}) {
  const listeners = new Map<string, (event: object) => void>();
  const asked: Asked[] = [];
  const shown: { title: string; options: Record<string, unknown> }[] = [];
  const opened: string[] = [];
  const posted: unknown[] = [];
  const subscribedWith: unknown[] = [];
  const scope = {
    addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
    location: { origin: "https://farhand.example.com" },
    registration: {
      showNotification: async (title: string, options: Record<string, unknown>) =>
        void shown.push({ title, options }),
      pushManager: {
        subscribe: async (options: unknown) => {
          subscribedWith.push(options);
          return subscription("https://push.example.com/made");
        },
      },
    },
    clients: {
      matchAll: async () =>
        Array.from({ length: windows }, () => ({
          postMessage: (message: unknown) => void posted.push(message),
          focus: async () => undefined,
        })),
      openWindow: async (path: string) => void opened.push(path),
    },
  };
  const fetch = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    const one = {
      method: init.method ?? "GET",
      path,
      key: headers.get("idempotency-key"),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    asked.push(one);
    const given = answer(one);
    if (given === "offline") throw new TypeError("Failed to fetch");
    return Response.json(given.body ?? {}, { status: given.status ?? 200 });
  };
  const kept = new Map<string, unknown>();
  const caches = {
    open: async (name: string) => ({
      put: async (path: string, answer: Response) => {
        if (isFull) throw new Error("QuotaExceededError");
        kept.set(`${name}${path}`, await answer.json());
      },
      delete: async (path: string) => kept.delete(`${name}${path}`),
    }),
  };
  runInNewContext(SOURCE, { self: scope, fetch, crypto, URL, Response, AbortSignal, caches });

  /** Lets an event happen, and waits for what the worker asked the browser to wait for. */
  async function happen(type: string, event: object): Promise<void> {
    const work: Promise<unknown>[] = [];
    listeners.get(type)?.({ ...event, waitUntil: (promise: Promise<unknown>) => void work.push(promise) });
    await Promise.all(work);
  }
  return {
    ...{ asked, shown, opened, posted, subscribedWith, kept, happen },
    push: (pushed: unknown) => happen("push", { data: { json: () => pushed } }),
    async tap(pushed: PushNotification, action = "") {
      let isClosed = false;
      const close = () => {
        isClosed = true;
      };
      await happen("notificationclick", { action, notification: { data: pushed, close } });
      expect(isClosed).toBe(true);
    },
  };
}

const subscription = (endpoint: string) => ({
  toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
});

test("a push is shown with its words, and with the buttons that need no typing", async () => {
  const worker = start();
  await worker.push(APPROVAL);
  await worker.push(QUESTION);
  expect(worker.shown).toMatchObject([
    {
      title: APPROVAL.title,
      options: {
        body: APPROVAL.body,
        tag: APPROVAL.tag,
        actions: [
          { action: "allow", title: "Allow once" },
          { action: "deny", title: "Deny" },
        ],
      },
    },
    {
      title: QUESTION.title,
      options: { body: QUESTION.body, actions: [{ action: "option-1", title: "half up" }] },
    },
  ]);
});

test("what a later version pushes is not guessed at", async () => {
  const worker = start();
  await worker.push({ ...TEST, version: 2 });
  await worker.happen("push", { data: null });
  expect(worker.shown).toEqual([]);
});

test("a button asks the server what the push says, with a key that a second tap repeats", async () => {
  const worker = start();
  await worker.tap(APPROVAL, "allow");
  await worker.tap(APPROVAL, "allow");
  expect(worker.asked[0]).toEqual({
    method: "POST",
    path: `/api/tasks/${APPROVAL.taskId}/approve`,
    key: `${APPROVAL.id}-allow`,
    body: { kind: "workflows", commit: "9f2c4f1d8c0a7e6b5d4c3b2a19080706050403ab" },
  });
  expect(worker.asked[1]).toEqual(worker.asked[0] as Asked);
  expect([worker.opened, worker.posted]).toEqual([[], []]);
});

for (const [how, answer] of [
  ["is refused", () => ({ status: 409 })],
  ["is not heard", () => "offline" as const],
] as const)
  test(`a button that ${how} leads to the card, which says why`, async () => {
    const worker = start({ answer });
    await worker.tap(QUESTION, "option-1");
    expect(worker.opened).toEqual([QUESTION.path]);
  });

const TAP = `farhand-taps/taps/${APPROVAL.id}-allow`;

test("a button that nobody has heard waits for the app, under the key that it was tried with", async () => {
  for (const answer of [() => "offline" as const, () => ({ status: 502 })]) {
    const worker = start({ answer, windows: 1 });
    await worker.tap(APPROVAL, "allow");
    expect([...worker.kept]).toEqual([
      [TAP, { key: `${APPROVAL.id}-allow`, at: expect.any(Number), pushed: APPROVAL, actionId: "allow" }],
    ]);
    // The window that is open looks for it when it is told to open the card.
    expect(worker.posted).toEqual([{ type: "open", path: APPROVAL.path }]);
  }
});

test("it is kept before the server is asked, since the browser may end the worker, and let go of with the answer", async () => {
  for (const status of [200, 409]) {
    const before: unknown[] = [];
    const worker = start({
      answer: () => {
        before.push(...worker.kept.keys());
        return { status };
      },
    });
    await worker.tap(APPROVAL, "allow");
    expect([before, [...worker.kept]]).toEqual([[TAP], []]);
  }
});

test("a browser that keeps nothing more asks all the same, and shows the card", async () => {
  const worker = start({ answer: () => "offline", isFull: true });
  await worker.tap(APPROVAL, "allow");
  expect([worker.asked.length, worker.opened]).toEqual([1, [APPROVAL.path]]);
});

test("denying tells the agent what the card tells it", async () => {
  const worker = start();
  await worker.tap(APPROVAL, "deny");
  expect(worker.asked).toEqual([
    {
      method: "POST",
      path: `/api/tasks/${APPROVAL.taskId}/messages`,
      key: `${APPROVAL.id}-deny`,
      body: { text: DENIED.workflows },
    },
  ]);
  expect(worker.opened).toEqual([]);
});

test("a tap beside the buttons asks for nothing, and opens the card", async () => {
  const worker = start();
  await worker.tap(APPROVAL);
  expect([worker.asked, worker.opened]).toEqual([[], [APPROVAL.path]]);
});

test("a tap goes to the window that is open", async () => {
  const worker = start({ windows: 2 });
  await worker.tap(QUESTION);
  expect([worker.posted, worker.opened]).toEqual([[{ type: "open", path: QUESTION.path }], []]);
});

const device = (change: Partial<DeviceInfo>): Partial<DeviceInfo> => ({
  channel: "web",
  isCurrent: true,
  label: "Firefox, Linux",
  kinds: { "needs-you": true, finished: false, failed: true },
  ...change,
});

/** A server that has these devices, and calls the next one `d_new`. */
const serverWith =
  (...devices: Partial<DeviceInfo>[]) =>
  ({ method, path }: Asked) => {
    if (path === "/api/notifications/vapid") return { body: { publicKey: "key" } };
    return { body: method === "POST" ? { id: "d_new" } : { devices } };
  };

test("a new address of the browser takes the place of the old one, with its kinds", async () => {
  const others = [device({ id: "d_phone", channel: "expo" }), device({ id: "d_desk", isCurrent: false })];
  const worker = start({ answer: serverWith(device({ id: "d_old" }), ...others) });
  const newSubscription = subscription("https://push.example.com/given");
  await worker.happen("pushsubscriptionchange", { newSubscription });
  expect(worker.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["GET", "/api/devices", undefined],
    [
      "POST",
      "/api/devices",
      {
        label: "Firefox, Linux",
        kinds: { "needs-you": true, finished: false, failed: true },
        target: { channel: "web", subscription: newSubscription.toJSON() },
      },
    ],
    ["DELETE", "/api/devices/d_old", undefined],
  ]);
  expect(worker.subscribedWith).toEqual([]);
});

test("an address that was taken away is asked for again, with the server's key of now", async () => {
  const worker = start({ answer: serverWith(device({ id: "d_old" })) });
  await worker.happen("pushsubscriptionchange", { newSubscription: null });
  expect(worker.subscribedWith).toEqual([{ userVisibleOnly: true, applicationServerKey: "key" }]);
  expect(worker.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/devices",
    "GET /api/notifications/vapid",
    "POST /api/devices",
    "DELETE /api/devices/d_old",
  ]);
});

test("nothing is asked for where the device was switched off", async () => {
  const worker = start({ answer: serverWith(device({ id: "d_desk", isCurrent: false })) });
  await worker.happen("pushsubscriptionchange", { newSubscription: null });
  expect([worker.asked.length, worker.subscribedWith]).toEqual([1, []]);
});
