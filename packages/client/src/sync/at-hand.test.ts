import { expect, test } from "bun:test";
import type { Task } from "@farhand/protocol";
import { makeTask } from "../../test/fake-coordinator.ts";
import { created, makeEvents, turn } from "../../test/logs.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { type AtHandOptions, bringToHand } from "./at-hand.ts";
import { eventKey } from "./task-sync.ts";

const log = (taskId: string) =>
  makeEvents([created, turn(1), created, turn(1)], 1).map((event) => ({ ...event, taskId }));

function setUp(change: Partial<AtHandOptions> = {}) {
  const local = createMemoryStore();
  const asked: string[] = [];
  const options: AtHandOptions = {
    local,
    api: {
      events: async (taskId, page = {}) => {
        const after = "after" in page ? (page.after ?? 0) : 0;
        asked.push(`${taskId} ${after}`);
        return { status: "ok", events: log(taskId).slice(after, after + 2), lastSeq: 4 };
      },
    },
    isOpen: () => false,
    isCurrent: () => true,
    limits: { tasks: 2, events: 100, logs: 2 },
    ...change,
  };
  const kept = async () =>
    (await local.transaction("read", (tx) => tx.list({ prefix: "event/" }))).map(({ key }) => key);
  const put = (events: ReturnType<typeof log>) =>
    local.transaction("write", (tx) =>
      tx.putAll(events.map((event) => ({ key: eventKey(event), value: event }))),
    );
  return { options, asked, kept, put };
}

const aTask = (number: number, change: Partial<Task>): Task => ({ ...makeTask(number, 4), ...change });
const day = (n: number) => `2026-03-0${n}T00:00:00.000Z`;
const keys = (task: Task) => log(task.id).map(eventKey);

test("what waits for a person is fetched first, then what changed last, and no more than so many", async () => {
  const { options, kept } = setUp();
  const [old, waiting, news, archived] = [
    aTask(1, { state: "idle", updatedAt: day(2) }),
    aTask(2, { state: "waiting", updatedAt: day(1) }),
    aTask(3, { state: "idle", updatedAt: day(3) }),
    aTask(4, { state: "archived", updatedAt: day(9) }),
  ];
  await bringToHand(options, [archived, news, waiting, old]);
  expect(await kept()).toEqual([...keys(waiting), ...keys(news)]);
});

test("a task that waits in the queue for a person is fetched before one that waits for a place", async () => {
  const { options, kept } = setUp();
  const held = aTask(1, {
    state: "queued",
    updatedAt: day(1),
    delayedBy: { code: "budget_reached", message: "Used up." },
  });
  const full = aTask(2, {
    state: "queued",
    updatedAt: day(2),
    delayedBy: { code: "disk_full", message: "Full." },
  });
  await bringToHand({ ...options, limits: { tasks: 1, events: 100, logs: 2 } }, [full, held]);
  expect(await kept()).toEqual(keys(held));
});

test("only what is missing is asked for, and of a log that lacks too much nothing", async () => {
  const { options, asked, kept, put } = setUp({ limits: { tasks: 2, events: 3, logs: 2 } });
  const [known, unknown] = [aTask(1, {}), aTask(2, {})];
  await put(log(known.id).slice(0, 2));
  await bringToHand(options, [known, unknown]);
  expect(asked).toEqual([`${known.id} 2`]);
  expect(await kept()).toEqual(keys(known));
});

test("a log that is open is left to whoever has it open, and an end of the connection ends it all", async () => {
  const open = setUp({ isOpen: () => true });
  await bringToHand(open.options, [aTask(1, {})]);
  const over = setUp({ isCurrent: () => false });
  await bringToHand(over.options, [aTask(1, {})]);
  expect([...open.asked, ...over.asked]).toEqual([]);
});

test("logs that are too many go: those of tasks that are gone, and that changed least lately", async () => {
  const { options, kept, put } = setUp();
  const [old, mid, late] = [1, 2, 3].map((n) => aTask(n, { state: "archived", updatedAt: day(n) }));
  if (!old || !mid || !late) throw new Error("three");
  for (const { id } of [old, mid, late, makeTask(9, 4)]) await put(log(id));
  await bringToHand(options, [old, mid, late]);
  expect(await kept()).toEqual([...keys(mid), ...keys(late)]);
});
