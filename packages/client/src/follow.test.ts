import { afterEach, expect, test } from "bun:test";
import type { Problem, TaskEvent } from "@farhand/protocol";
import fc from "fast-check";
import { CuttingProxy } from "../test/cutting-proxy.ts";
import { FakeCoordinator, makeLog, TASK_ID, TOKEN, type Trouble } from "../test/fake-coordinator.ts";
import { ApiError, createClient, type FollowItem } from "./client.ts";

const started: FakeCoordinator[] = [];
afterEach(() => {
  for (const fake of started.splice(0)) fake[Symbol.dispose]();
});

function fakeCoordinator(log: TaskEvent[] = [], troubles: Trouble[] = []): FakeCoordinator {
  const fake = new FakeCoordinator(log, troubles);
  started.push(fake);
  return fake;
}

/** Follows until the event with `lastSeq` came, or the following ended by itself. */
async function collect(
  fake: { url: string },
  lastSeq: number,
  options: { after?: number; token?: string; pingIntervalMs?: number } = {},
): Promise<FollowItem[]> {
  const client = createClient({
    baseUrl: fake.url,
    token: options.token ?? TOKEN,
    backoff: { firstDelayMs: 1, maxDelayMs: 4 },
    pingIntervalMs: options.pingIntervalMs ?? 20_000,
  });
  const items: FollowItem[] = [];
  for await (const item of client.follow(TASK_ID, { after: options.after ?? 0 })) {
    items.push(item);
    if (item.type === "event" && item.event.seq === lastSeq) break;
  }
  return items;
}

const eventsOf = (items: FollowItem[]) =>
  items.flatMap((item) => (item.type === "event" ? [item.event] : []));

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({
    type: fc.constant("cut" as const),
    afterFrames: fc.nat(12),
    code: fc.constantFrom(1001 as const, 1006 as const, 4408 as const),
  }),
  fc.record({ type: fc.constant("hole" as const), atSeq: fc.integer({ min: 1, max: 30 }) }),
  fc.constant({ type: "repeat" as const }),
);

test("whatever happens to its connections, a follower sees exactly the log", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(trouble, { maxLength: 8 }),
      fc.nat(30),
      async (length, troubles, start) => {
        const log = makeLog(length);
        const after = start % length;
        using fake = new FakeCoordinator(log, troubles);
        expect(eventsOf(await collect(fake, length, { after }))).toEqual(log.slice(after));
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);

test("wherever the bytes of its connections are cut, a follower sees exactly the log", async () => {
  const cut = fc.record({ upBytes: fc.nat(700), downBytes: fc.nat(6000) });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(cut, { maxLength: 8 }),
      async (length, cuts) => {
        const log = makeLog(length);
        using fake = new FakeCoordinator(log);
        await using proxy = await CuttingProxy.start(fake.port, cuts);
        expect(eventsOf(await collect(proxy, length))).toEqual(log);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test("a connection that is cut is made again from the last event", async () => {
  const fake = fakeCoordinator(makeLog(5), [{ type: "cut", afterFrames: 3, code: 1006 }]);
  const items = await collect(fake, 5);
  expect(fake.subscriptions).toEqual([0, 3]);
  const statuses = items.flatMap((item) => (item.type === "connection" ? [item.status] : []));
  expect(statuses).toEqual(["connecting", "live", "lost", "connecting", "live"]);
});

test("a hole is asked for again on the same connection", async () => {
  const fake = fakeCoordinator(makeLog(5), [{ type: "hole", atSeq: 3 }]);
  expect(eventsOf(await collect(fake, 5))).toEqual(makeLog(5));
  expect(fake.subscriptions).toEqual([0, 2]);
  expect(fake.connections).toBe(1);
});

test("pieces of answers come between the events they belong to", async () => {
  const items = await collect(fakeCoordinator(makeLog(2)), 2);
  const kinds = items.map((item) => (item.type === "delta" ? `delta ${item.delta.text}` : item.type));
  expect(kinds).toEqual(["connection", "connection", "delta 1", "event", "delta 2", "event"]);
});

test("a log that does not reach to the reader's place is read again from its start over REST", async () => {
  const log = makeLog(3);
  const fake = fakeCoordinator(log);
  fake.respond = ({ path }) => {
    const after = Number(new URL(path, fake.url).searchParams.get("after"));
    return Response.json({ status: "ok", events: log.slice(after, after + 2), lastSeq: 3 });
  };
  const items = await collect(fake, 3, { after: 9 });
  expect(items.slice(1)).toEqual([
    { type: "reset" },
    ...log.map((event) => ({ type: "event" as const, event })),
  ]);
  expect(fake.requests.map((request) => request.path)).toEqual([
    `/api/tasks/${TASK_ID}/events?after=0&limit=500`,
    `/api/tasks/${TASK_ID}/events?after=2&limit=500`,
  ]);
});

test("a connection on which nothing comes any more is given up and made again", async () => {
  const fake = fakeCoordinator(makeLog(4), [{ type: "silence", afterFrames: 2 }]);
  expect(eventsOf(await collect(fake, 4, { pingIntervalMs: 20 }))).toEqual(makeLog(4));
  expect(fake.pings).toBeGreaterThanOrEqual(1);
  expect(fake.subscriptions).toEqual([0, 2]);
});

test("heartbeats are signs of life, though no ping is answered", async () => {
  const trouble: Trouble = { type: "heartbeats", everyMs: 5, lastEventAfter: 40 };
  const fake = fakeCoordinator(makeLog(3), [trouble]);
  expect(eventsOf(await collect(fake, 3, { pingIntervalMs: 20 }))).toEqual(makeLog(3));
  expect(fake.pings).toBeGreaterThan(2);
  expect(fake.connections).toBe(1);
});

test("an answer that this version cannot read ends the following, not in an endless repeat", async () => {
  const fake = fakeCoordinator(makeLog(3));
  fake.respond = () => Response.json({ pages: [] });
  await expect(collect(fake, 3, { after: 9 })).rejects.toMatchObject({ code: "unsupported_protocol" });
});

test("a wrong token ends the following with `unauthorized`", async () => {
  const refusal = await collect(fakeCoordinator(makeLog(1)), 1, { token: "wrong" }).catch(
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(ApiError);
  expect(refusal).toMatchObject({ code: "unauthorized", status: 401 });
});

test("another protocol version ends the following with `unsupported_protocol`", async () => {
  const fake = fakeCoordinator(makeLog(1));
  fake.protocol = 99;
  await expect(collect(fake, 1)).rejects.toMatchObject({ code: "unsupported_protocol" });
});

test("an unknown task ends the following with the coordinator's own problem", async () => {
  const fake = fakeCoordinator();
  const unknown: Problem = {
    type: "about:blank",
    title: "not found",
    status: 404,
    code: "not_found",
    detail: "There is no such task.",
    action: "List the tasks.",
  };
  fake.refuseWith = unknown;
  const refusal = await collect(fake, 1).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ problem: unknown });
});

test("aborting ends the following without an error, connected or waiting", async () => {
  for (const baseUrl of [fakeCoordinator(makeLog(1)).url, "http://127.0.0.1:9"]) {
    const stop = new AbortController();
    const client = createClient({
      baseUrl,
      token: TOKEN,
      backoff: { firstDelayMs: 60_000, maxDelayMs: 60_000 },
    });
    let items = 0;
    for await (const item of client.follow(TASK_ID, { signal: stop.signal })) {
      items += 1;
      if (item.type === "event" || (item.type === "connection" && item.status === "lost")) stop.abort();
    }
    expect(items).toBeGreaterThan(1);
  }
});
