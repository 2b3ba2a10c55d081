import { afterAll, describe, expect, test } from "bun:test";
import { CloseCode, type Delta, PROTOCOL_VERSION, ServerFrame } from "@farhand/protocol";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { createTopic } from "../domain/topic.ts";
import { type Connection, createHub } from "./hub.ts";

const stores = await openStores();
const deltas = createTopic<Delta>();
const errors: unknown[] = [];
const hub = createHub({ ...stores, deltas, onError: (error) => errors.push(error) });
const server = Bun.serve<Connection>({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, it) =>
    it.upgrade(request, { data: hub.newConnection() }) ? undefined : new Response(null, { status: 426 }),
  websocket: hub.handler,
});
afterAll(async () => {
  await server.stop(true);
  await stores[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

/** A client that keeps every frame and can be waited on. */
async function connect() {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  const frames: ServerFrame[] = [];
  const closed = Promise.withResolvers<number>();
  let changed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    frames.push(ServerFrame.parse(JSON.parse(data)));
    changed.resolve();
  };
  socket.onclose = ({ code }) => closed.resolve(code);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const send = (frame: unknown) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  return {
    socket,
    frames,
    closed: closed.promise,
    send,
    hello: (token = OWNER.token, protocol = PROTOCOL_VERSION) => send({ type: "hello", protocol, token }),
    seqs: () => frames.flatMap((frame) => (frame.type === "event" ? [frame.event.seq] : [])),
    async until(enough: () => boolean) {
      while (!enough()) {
        changed = Promise.withResolvers();
        await changed.promise;
      }
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

const note = (message: string) => ({ type: "notice", level: "info", code: "test", message }) as const;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a connection", () => {
  test("is refused without a known token, and without a hello", async () => {
    using wrong = await connect();
    wrong.hello("fho_wrong");
    expect(await wrong.closed).toBe(CloseCode.unauthorized);
    using silent = await connect();
    silent.send({ type: "ping" });
    expect(await silent.closed).toBe(CloseCode.unauthorized);
  });

  test("is refused with another protocol version", async () => {
    using client = await connect();
    client.hello(OWNER.token, PROTOCOL_VERSION + 1);
    expect(await client.closed).toBe(CloseCode.unsupportedProtocol);
  });

  test("is closed on a frame that is not JSON, of an unknown type, or with an unknown key", async () => {
    for (const frame of ["{", { type: "shout" }, { type: "ping", loud: true }]) {
      using client = await connect();
      client.hello();
      client.send(frame);
      expect(await client.closed).toBe(CloseCode.badFrame);
    }
  });

  test("is closed on a frame of 10 MB", async () => {
    using client = await connect();
    client.hello();
    client.send("x".repeat(10_000_000));
    expect(await client.closed).toBeGreaterThan(1000);
  });

  test("gets an answer to its ping", async () => {
    using client = await connect();
    client.hello();
    client.send({ type: "ping" });
    await client.until(() => client.frames.length === 2);
    expect(client.frames.map((frame) => frame.type)).toEqual(["welcome", "pong"]);
  });
});

describe("a subscription", () => {
  test("replays after the cursor, then follows, without a hole or a double, while events pour in", async () => {
    await stores.tasks.create(newTask(1));
    for (const burst of range(1, 30))
      await stores.log.append(
        taskId(1),
        0,
        range(1, 20).map((n) => note(`${burst}.${n}`)),
      );
    using client = await connect();
    client.hello();
    const pouring = (async () => {
      for (const burst of range(31, 90))
        await stores.log.append(taskId(1), 0, [note(`${burst}`), note(`${burst}b`)]);
    })();
    client.send({ type: "subscribe", taskId: taskId(1), after: 7 });
    await pouring;
    const { lastSeq } = await stores.log.read(taskId(1), 0, 1);
    await client.until(() => client.seqs().at(-1) === lastSeq);
    expect(client.seqs()).toEqual(range(8, lastSeq));
    const { events } = await stores.log.read(taskId(1), 7, 1000);
    expect(client.frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []))).toEqual(events);
  });

  test("says gap when the cursor is beyond the log", async () => {
    await stores.tasks.create(newTask(2));
    using client = await connect();
    client.hello();
    client.send({ type: "subscribe", taskId: taskId(2), after: 5 });
    await client.until(() => client.frames.length === 2);
    expect(client.frames[1]).toEqual({ type: "subscribed", taskId: taskId(2), status: "gap", lastSeq: 1 });
  });

  test("answers the same for an unknown task and for somebody else's", async () => {
    await stores.users.setOwner({ id: "u_other", login: "other", token: "fho_other" });
    await stores.tasks.create(newTask(3, { userId: "u_other" }));
    using client = await connect();
    client.hello();
    client.send({ type: "subscribe", taskId: taskId(3), after: 0 });
    client.send({ type: "subscribe", taskId: taskId(4), after: 0 });
    await client.until(() => client.frames.length === 3);
    const codes = client.frames.slice(1).map((frame) => frame.type === "error" && frame.problem.code);
    expect(codes).toEqual(["not_found", "not_found"]);
  });

  test("passes deltas on live and stops when the client unsubscribes", async () => {
    await stores.tasks.create(newTask(5));
    using client = await connect();
    client.hello();
    client.send({ type: "subscribe", taskId: taskId(5), after: 0 });
    await client.until(() => client.seqs().length === 1);
    // The replay may still be at its last look into the log, when pieces are dropped.
    await Bun.sleep(20);
    const delta: Delta = { messageId: "m", index: 0, kind: "text", text: "hel" };
    deltas.publish(taskId(5), [delta]);
    await client.until(() => client.frames.some((frame) => frame.type === "delta"));
    client.send({ type: "unsubscribe", taskId: taskId(5) });
    client.send({ type: "ping" });
    await client.until(() => client.frames.at(-1)?.type === "pong");
    deltas.publish(taskId(5), [delta]);
    await stores.log.append(taskId(5), 0, [note("unseen")]);
    client.send({ type: "ping" });
    await client.until(() => client.frames.filter((frame) => frame.type === "pong").length === 2);
    expect(client.frames.filter((frame) => frame.type === "delta")).toHaveLength(1);
    expect(client.seqs()).toEqual([1]);
  });
});
