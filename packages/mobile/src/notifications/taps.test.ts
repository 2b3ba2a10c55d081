import { forgetTaps, onTap } from "./taps.ts";

/** What the service worker has left, by the address that it has there. */
const left = new Map<string, unknown>();
let hear: () => void = () => undefined;

beforeEach(() => {
  left.clear();
  const cache = {
    keys: async () => [...left.keys()],
    match: async (key: string) => (left.has(key) ? { json: async () => left.get(key) } : undefined),
    delete: async (key: string) => left.delete(key),
  };
  const caches = {
    has: async (name: string) => name === "farhand-taps",
    open: async () => cache,
    delete: async () => left.clear(),
  };
  const serviceWorker = {
    addEventListener: (_type: string, listener: () => void) => {
      hear = listener;
    },
    removeEventListener: () => {
      hear = () => undefined;
    },
  };
  Object.assign(globalThis, { caches });
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 10));
const leave = (key: string) =>
  left.set(`/taps/${key}`, { key, at: 7, pushed: { id: key }, actionId: "allow" });

test("what was left is told under its key, and let go of once it is kept", async () => {
  leave("n_1-allow");
  const told: unknown[] = [];
  const end = onTap(async (tap) => void told.push(tap));
  await settle();
  const first = {
    pushed: { id: "n_1-allow" },
    actionId: "allow",
    text: null,
    tried: { key: "n_1-allow", atMs: 7 },
  };
  expect([told, left.size]).toEqual([[first], 0]);
  leave("n_2-allow");
  hear();
  await settle();
  expect([told.length, left.size]).toEqual([2, 0]);
  end();
  leave("n_3-allow");
  hear();
  await settle();
  expect([told.length, left.size]).toEqual([2, 1]);
});

test("what could not be kept stays, and holds up no other", async () => {
  leave("full");
  leave("good");
  onTap(async ({ tried }) => {
    if (tried?.key === "full") throw new Error("the device is full");
  });
  await settle();
  expect([...left.keys()]).toEqual(["/taps/full"]);
});

test("whoever signs out leaves none", async () => {
  leave("n_1-allow");
  await forgetTaps();
  expect(left.size).toBe(0);
});
