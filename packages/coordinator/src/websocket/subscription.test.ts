import { afterAll, describe, expect, test } from "bun:test";
import { connect as connectTcp } from "node:net";
import type { Delta } from "@farhand/protocol";
import fc from "fast-check";
import { type HubClient, OWNER, startHub } from "../../test/hub-world.ts";
import { note } from "../../test/memory-log.ts";

const world = startHub();
const { memory, deltas } = world;
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(world.errors).toEqual([]);
});

const answered = {
  type: "assistant.message" as const,
  model: "claude-sonnet-5-5",
  content: [],
  stopReason: "end_turn",
};
let tasks = 0;
const newTask = () => memory.addTask(++tasks, OWNER.id);
const notes = (count: number) => Array.from({ length: count }, (_, index) => note(`${index}`));
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a subscription", () => {
  test("replays after the cursor and then follows, without a hole or a double, however the two meet", async () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 250 }) }),
      fc.record({ ticks: fc.integer({ min: 1, max: 6 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(450),
        fc.nat(451),
        fc.array(step, { maxLength: 12 }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (existing, start, steps, delays, isBatched) => {
          const task = newTask();
          memory.append(task, notes(existing));
          const after = start % (existing + 2);
          let reads = 0;
          memory.delay = async () => {
            for (let left = delays[reads++ % delays.length] ?? 0; left > 0; left--) await tick();
          };
          using client = await world.connect(OWNER);
          const batched = isBatched ? { batched: true as const } : {};
          client.send({ type: "subscribe", taskId: task, after, ...batched });
          for (const it of steps) {
            if ("append" in it) memory.append(task, notes(it.append));
            else for (let left = it.ticks; left > 0; left--) await tick();
          }
          const last = memory.lastSeq(task);
          await client.until(() => client.count("subscribed") === 1 && client.seqs().length >= last - after);
          await client.settle();
          expect(client.seqs()).toEqual(range(after + 1, last));
          const { events } = await memory.read(task, after, 10_000);
          expect(client.events()).toEqual(events);
          if (!isBatched) expect(client.count("events")).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
    memory.delay = async () => undefined;
  }, 60_000);

  test("in batches takes few frames for a long log, and none that is too long for a reader to keep up with", async () => {
    const task = newTask();
    memory.append(task, notes(999));
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe", taskId: task, after: 0, batched: true });
    await client.until(() => client.seqs().length === 1000);
    expect(client.seqs()).toEqual(range(1, 1000));
    expect([client.count("events"), client.count("event")]).toEqual([5, 0]);
    memory.append(task, notes(1));
    await client.until(() => client.seqs().length === 1001);
    expect(client.count("event")).toBe(1);

    const large = newTask();
    memory.append(
      large,
      range(1, 100).map(() => note("x".repeat(100_000))),
    );
    using other = await world.connect(OWNER);
    other.send({ type: "subscribe", taskId: large, after: 0, batched: true });
    await other.until(() => other.seqs().length === 101);
    const longest = Math.max(...other.frames.map((frame) => JSON.stringify(frame).length));
    expect(longest).toBeLessThan(400_000);
  });

  test("says gap when the cursor is beyond the log, and follows nothing", async () => {
    const task = newTask();
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe", taskId: task, after: 5 });
    await client.settle();
    expect(client.frames[1]).toEqual({ type: "subscribed", taskId: task, status: "gap", lastSeq: 1 });
    memory.append(task, notes(10));
    await client.settle();
    expect(client.seqs()).toEqual([]);
  });

  test("that is made again takes the place of the one before", async () => {
    const task = newTask();
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe", taskId: task, after: 0 });
    client.send({ type: "subscribe", taskId: task, after: 1 });
    await client.settle();
    memory.append(task, notes(2));
    await client.until(() => client.seqs().at(-1) === 3);
    expect(client.seqs()).toEqual([1, 2, 3]);
  });

  test("passes deltas on live and stops when the client unsubscribes", async () => {
    const task = newTask();
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe", taskId: task, after: 0 });
    await client.until(() => client.seqs().length === 1);
    await client.settle();
    const delta: Delta = { messageId: "m", index: 0, kind: "text", text: "hel" };
    deltas.publish(task, [delta]);
    await client.until(() => client.count("delta") === 1);
    client.send({ type: "unsubscribe", taskId: task });
    await client.settle();
    deltas.publish(task, [delta]);
    memory.append(task, notes(1));
    await client.settle();
    expect(client.count("delta")).toBe(1);
    expect(client.seqs()).toEqual([1]);
  });

  test("that begins in the middle of an answer, or again, is told all of it so far and each piece once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("piece", "block", "message", "subscribe", "events", "tick"), {
          maxLength: 40,
        }),
        async (steps) => {
          const task = newTask();
          let [message, block, said] = [1, 0, 0];
          let all: Record<string, string> = {};
          memory.delay = tick;
          using client = await world.connect(OWNER);
          const subscribe = () =>
            client.send({ type: "subscribe", taskId: task, after: client.seqs().at(-1) ?? 0 });
          subscribe();
          for (const step of [...steps, "piece", "piece"]) {
            if (step === "block") block += 1;
            if (step === "subscribe") subscribe();
            if (step === "events") memory.append(task, notes(3));
            if (step === "tick") await client.settle();
            if (step === "piece") {
              said += 1;
              const text = `${said} `;
              deltas.publish(task, [{ messageId: `m${message}`, index: block, kind: "text", text }]);
              all[block] = (all[block] ?? "") + text;
            }
            if (step === "message") {
              memory.append(task, [{ ...answered, messageId: `m${message}` }]);
              [message, block, all] = [message + 1, 0, {}];
            }
          }
          const last = memory.lastSeq(task);
          await client.until(() => client.seqs().at(-1) === last);
          await client.settle();
          let heard: Record<string, string> = {};
          for (const frame of client.frames) {
            if (frame.type !== "delta" || frame.delta.messageId !== `m${message}`) continue;
            const { index, text } = frame.delta;
            heard = { ...heard, [index]: (frame.isWhole ? "" : (heard[index] ?? "")) + text };
          }
          expect(heard).toEqual(all);
        },
      ),
      { numRuns: 100 },
    );
    memory.delay = async () => undefined;
  }, 60_000);

  test("of one task may be a thousand: each gets every event in its order", async () => {
    const task = newTask();
    memory.append(task, notes(9));
    const clients: HubClient[] = [];
    for (const _ of range(1, 10))
      clients.push(...(await Promise.all(range(1, 100).map(() => world.connect(OWNER)))));
    try {
      for (const [index, client] of clients.entries())
        client.send({ type: "subscribe", taskId: task, after: index % 11 });
      for (const _ of range(1, 10)) {
        memory.append(task, notes(3));
        await tick();
      }
      const last = memory.lastSeq(task);
      await Promise.all(clients.map((client) => client.until(() => client.seqs().at(-1) === last)));
      for (const [index, client] of clients.entries())
        expect(client.seqs()).toEqual(range((index % 11) + 1, last));
    } finally {
      for (const client of clients) client.socket.close();
    }
  }, 60_000);

  test("of a client that does not read waits for it, and holds up nobody else", async () => {
    const task = newTask();
    const large = note("x".repeat(50_000));
    memory.append(
      task,
      range(1, 1000).map(() => large),
    );
    const slow = await rawClient();
    slow.pause();
    slow.send({ type: "subscribe", taskId: task, after: 0 });
    using quick = await world.connect(OWNER);
    quick.send({ type: "subscribe", taskId: task, after: 0 });
    const before = memory.reads;
    await quick.until(() => quick.seqs().length === 1001);
    // The quick one has read six pages, and the slow one has not got beyond what the kernel takes in.
    expect(memory.reads - before).toBeLessThanOrEqual(6 + 2);
    memory.append(task, notes(1));
    slow.resume();
    await slow.until(() => slow.seqs.length === 1002);
    expect(slow.seqs).toEqual(range(1, 1002));
    slow.end();
  }, 30_000);
});

test("a client that read too slowly for pieces of an answer is told the whole of it afterwards", async () => {
  const task = newTask();
  const say = (text: string) => deltas.publish(task, [{ messageId: "m1", index: 0, kind: "text", text }]);
  const slow = await rawClient();
  slow.send({ type: "subscribe", taskId: task, after: 0 });
  await slow.until(() => slow.seqs.length === 1);
  say("Said ");
  await slow.until(() => slow.deltas.length === 1);
  slow.pause();
  const large = note("x".repeat(50_000));
  memory.append(
    task,
    range(1, 1000).map(() => large),
  );
  say("in the ");
  slow.resume();
  await slow.until(() => slow.seqs.length === 1001 && slow.deltas.length === 2);
  say("meantime");
  await slow.until(() => slow.deltas.length === 3);
  const at = { messageId: "m1", index: 0, kind: "text" };
  expect(slow.deltas).toMatchObject([
    { delta: { ...at, text: "Said " } },
    { delta: { ...at, text: "Said in the " }, isWhole: true },
    { delta: { ...at, text: "meantime" } },
  ]);
  slow.end();
}, 30_000);

/** A client whose reading can be held, so that the server's buffers fill. */
async function rawClient() {
  const socket = connectTcp(world.port, "127.0.0.1");
  let bytes: Buffer = Buffer.alloc(0);
  const seqs: number[] = [];
  const deltas: unknown[] = [];
  let isOpen = false;
  let changed = Promise.withResolvers<void>();
  const until = async (enough: () => boolean) => {
    while (!enough()) {
      changed = Promise.withResolvers();
      await changed.promise;
    }
  };
  socket.on("data", (data: Buffer) => {
    bytes = bytes.length === 0 ? data : Buffer.concat([bytes, data]);
    if (!isOpen) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) return;
      isOpen = true;
      bytes = bytes.subarray(end + 4);
    }
    for (let frame = nextFrame(bytes); frame; frame = nextFrame(bytes)) {
      bytes = frame.rest;
      const seq = /"seq":(\d+)/.exec(frame.text.slice(0, 200))?.[1];
      if (seq !== undefined) seqs.push(Number(seq));
      if (frame.text.startsWith('{"type":"delta"')) deltas.push(JSON.parse(frame.text));
    }
    changed.resolve();
  });
  const send = (frame: unknown) => {
    const payload = Buffer.from(JSON.stringify(frame));
    // A mask of zeros leaves the payload as it is.
    const head = [0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0];
    socket.write(Buffer.concat([Buffer.from(head), payload]));
  };
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await until(() => isOpen);
  send({ type: "hello", protocol: 2, token: OWNER.token });
  return {
    seqs,
    deltas,
    send,
    until,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroy(),
  };
}

/** A server's frame is not masked. */
function nextFrame(bytes: Buffer): { text: string; rest: Buffer } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1);
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < head) return null;
  const size =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < head + size) return null;
  return { text: bytes.toString("utf8", head, head + size), rest: bytes.subarray(head + size) };
}
