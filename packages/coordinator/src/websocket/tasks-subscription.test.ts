import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OTHER, OWNER, startHub } from "../../test/hub-world.ts";
import { note } from "../../test/memory-log.ts";
import { toTask } from "../domain/store.ts";

const world = startHub();
const { memory } = world;
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(world.errors).toEqual([]);
});

let tasks = 0;
const newTask = (user = OWNER) => memory.addTask(++tasks, user.id);
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

async function subscriber() {
  const client = await world.connect(OWNER);
  client.send({ type: "subscribe_tasks" });
  await client.until(() => client.count("subscribed_tasks") === 1);
  await client.settle();
  return client;
}

describe("the list of tasks, once subscribed to,", () => {
  test("brings each changed or new task as it is, without what only the server knows", async () => {
    const old = newTask();
    using client = await subscriber();
    expect(client.tasks()).toEqual([]);
    memory.append(old, [note("a")]);
    await client.until(() => client.tasks().length === 1);
    const fresh = newTask();
    await client.until(() => client.tasks().length === 2);
    const records = await Promise.all([memory.get(old), memory.get(fresh)]);
    expect(client.tasks()).toEqual(records.flatMap((record) => (record ? [toTask(record)] : [])));
  });

  test("tells nobody of another user's tasks", async () => {
    using client = await subscriber();
    const others = newTask(OTHER);
    memory.append(others, [note("a")]);
    const own = newTask();
    await client.until(() => client.tasks().length === 1);
    expect(client.tasks().map(({ id }) => id)).toEqual([own]);
  });

  test("reads a task that changes often no more than once at a time", async () => {
    const id = newTask();
    using client = await subscriber();
    const gate = Promise.withResolvers<void>();
    memory.delay = () => gate.promise;
    memory.gets.length = 0;
    for (let count = 0; count < 50; count++) memory.append(id, [note("a")]);
    await client.settle();
    expect(memory.gets).toEqual([id]);
    gate.resolve();
    await client.until(() => client.tasks().at(-1)?.lastSeq === 51);
    expect(memory.gets).toEqual([id, id]);
    expect(client.tasks().map(({ lastSeq }) => lastSeq)).toEqual([2, 51]);
    memory.delay = async () => undefined;
  });

  test("is told of once, however often it was subscribed to, and no more after it was unsubscribed from", async () => {
    const id = newTask();
    using client = await subscriber();
    client.send({ type: "subscribe_tasks" });
    await client.settle();
    memory.append(id, [note("a")]);
    await client.until(() => client.tasks().length > 0);
    client.send({ type: "unsubscribe_tasks" });
    await client.settle();
    memory.append(id, [note("b")]);
    await client.settle();
    expect(client.tasks().map(({ lastSeq }) => lastSeq)).toEqual([2]);
  });

  test("ends at the last state of every task, and never goes back or repeats one", async () => {
    const step = fc.oneof(
      fc.record({ change: fc.nat(3), events: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ ticks: fc.integer({ min: 1, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.nat(3), { minLength: 1 }),
        async (steps, delays) => {
          const ids = [newTask(), newTask(), newTask(), newTask()];
          using client = await subscriber();
          let reads = 0;
          memory.delay = async () => {
            for (let left = delays[reads++ % delays.length] ?? 0; left > 0; left--) await tick();
          };
          for (const it of steps) {
            if ("ticks" in it) for (let left = it.ticks; left > 0; left--) await tick();
            else
              memory.append(
                ids[it.change] ?? "",
                Array.from({ length: it.events }, () => note("a")),
              );
          }
          for (const id of ids) memory.append(id, [note("last")]);
          const seqsOf = (id: string) => client.tasks().flatMap((it) => (it.id === id ? [it.lastSeq] : []));
          await client.until(() => ids.every((id) => seqsOf(id).at(-1) === memory.lastSeq(id)));
          await client.settle();
          for (const id of ids) expect(seqsOf(id)).toEqual([...new Set(seqsOf(id))].sort((a, b) => a - b));
        },
      ),
      { numRuns: 50 },
    );
    memory.delay = async () => undefined;
  }, 60_000);
});
