import { afterEach, expect, test } from "bun:test";
import type { Task } from "@farhand/protocol";
import fc from "fast-check";
import { CuttingProxy } from "../test/cutting-proxy.ts";
import { FakeCoordinator, makeTask, TOKEN } from "../test/fake-coordinator.ts";
import { createClient, type FollowTasksItem } from "./client.ts";

const started: FakeCoordinator[] = [];
afterEach(() => {
  for (const fake of started.splice(0)) fake[Symbol.dispose]();
});

function fakeCoordinator(tasks: Task[]): FakeCoordinator {
  const fake = new FakeCoordinator();
  started.push(fake);
  for (const task of tasks) fake.tasks.set(task.id, task);
  return fake;
}

const clientOf = ({ url }: { url: string }, token = TOKEN) =>
  createClient({ baseUrl: url, token, backoff: { firstDelayMs: 1, maxDelayMs: 4 } });

/** Follows until `isEnough` says so of what came. */
async function collect(
  source: { url: string },
  isEnough: (items: FollowTasksItem[]) => boolean,
  react: (item: FollowTasksItem) => void = () => undefined,
): Promise<FollowTasksItem[]> {
  const items: FollowTasksItem[] = [];
  for await (const item of clientOf(source).followTasks()) {
    items.push(item);
    react(item);
    if (isEnough(items)) break;
  }
  return items;
}

const kinds = (items: FollowTasksItem[]) =>
  items.map((item) => (item.type === "connection" ? item.status : item.type));

/** The list as somebody holds it who has got these items. */
function view(items: readonly FollowTasksItem[]): Map<string, Task> {
  const held = new Map<string, Task>();
  for (const item of items) {
    if (item.type === "tasks") {
      held.clear();
      for (const task of item.tasks) held.set(task.id, task);
    }
    if (item.type === "task") held.set(item.task.id, item.task);
  }
  return held;
}

test("the whole list comes first, page by page, and then each change", async () => {
  const tasks = [5, 4, 3, 2, 1].map((number) => makeTask(number, 1));
  const fake = fakeCoordinator(tasks);
  fake.pageSize = 2;
  const items = await collect(
    fake,
    (all) => all.filter(({ type }) => type === "task").length === 2,
    (item) => {
      if (item.type !== "tasks") return;
      fake.change(makeTask(2, 4));
      fake.change(makeTask(6, 1));
    },
  );
  expect(items).toEqual([
    { type: "connection", status: "connecting" },
    { type: "connection", status: "live" },
    { type: "tasks", tasks },
    { type: "task", task: makeTask(2, 4) },
    { type: "task", task: makeTask(6, 1) },
  ]);
  expect(fake.requests.map(({ path }) => path.split("?")[1])).toEqual([
    "limit=100",
    `limit=100&cursor=${makeTask(4, 1).id}`,
    `limit=100&cursor=${makeTask(2, 1).id}`,
  ]);
});

test("what changes while the list is fetched comes once, and nothing comes that is older than the list", async () => {
  const fake = fakeCoordinator([makeTask(1, 5)]);
  fake.respond = (request) => {
    fake.change(makeTask(1, 6));
    const answer = fake.list(request);
    fake.change(makeTask(1, 7));
    fake.change(makeTask(2, 1));
    fake.tell({ type: "task", task: makeTask(1, 4) });
    return answer;
  };
  const items = await collect(fake, (all) => all.at(-1)?.type === "task" && view(all).size === 2);
  expect(items.slice(2)).toEqual([
    { type: "tasks", tasks: [makeTask(1, 6)] },
    { type: "task", task: makeTask(1, 7) },
    { type: "task", task: makeTask(2, 1) },
  ]);
});

test("after a lost connection the whole list comes again", async () => {
  const fake = fakeCoordinator([makeTask(1, 1)]);
  let lists = 0;
  const items = await collect(
    fake,
    () => lists === 2,
    (item) => {
      if (item.type === "tasks" && ++lists === 1) {
        fake.dropListeners();
        fake.change(makeTask(1, 2));
      }
    },
  );
  expect(kinds(items)).toEqual(["connecting", "live", "tasks", "lost", "connecting", "live", "tasks"]);
  expect(items.at(-1)).toEqual({ type: "tasks", tasks: [makeTask(1, 2)] });
});

test("a list that cannot be fetched at present is fetched over a new connection", async () => {
  const fake = fakeCoordinator([makeTask(1, 1)]);
  let left = 2;
  fake.respond = (request) => (left-- > 0 ? new Response("busy", { status: 503 }) : fake.list(request));
  const items = await collect(fake, (all) => all.at(-1)?.type === "tasks");
  expect(kinds(items)).toEqual(["connecting", "lost", "connecting", "lost", "connecting", "live", "tasks"]);
});

test("a list that does not come before its connection is lost is given up", async () => {
  const fake = fakeCoordinator([makeTask(1, 1)]);
  let isFirst = true;
  fake.respond = (request) => {
    if (!isFirst) return fake.list(request);
    isFirst = false;
    fake.dropListeners();
    return new Promise<Response>(() => undefined);
  };
  const items = await collect(fake, (all) => all.at(-1)?.type === "tasks");
  expect(kinds(items)).toEqual(["connecting", "lost", "connecting", "live", "tasks"]);
});

test("a wrong token, or a list that cannot be read, ends the following with a reason", async () => {
  const fake = fakeCoordinator([]);
  const wrong = clientOf(fake, "wrong").followTasks();
  await wrong.next();
  await expect(wrong.next()).rejects.toMatchObject({ code: "unauthorized" });
  fake.respond = () => Response.json({ all: [] });
  await expect(collect(fake, () => false)).rejects.toMatchObject({ code: "unsupported_protocol" });
});

test("aborting ends the following without an error", async () => {
  const fake = fakeCoordinator([makeTask(1, 1)]);
  const stop = new AbortController();
  const items: FollowTasksItem[] = [];
  for await (const item of clientOf(fake).followTasks({ signal: stop.signal })) {
    items.push(item);
    if (item.type === "tasks") stop.abort();
  }
  expect(kinds(items)).toEqual(["connecting", "live", "tasks"]);
});

test("wherever the bytes of its connections are cut, a follower ends with the list as it is", async () => {
  const cut = fc.record({ upBytes: fc.nat(900), downBytes: fc.nat(12_000) });
  const step = fc.oneof(fc.record({ change: fc.nat(5) }), fc.constant({ wait: true }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(cut, { maxLength: 8 }),
      fc.array(step, { maxLength: 30 }),
      async (cuts, steps) => {
        using fake = new FakeCoordinator();
        fake.pageSize = 2;
        await using proxy = await CuttingProxy.start(fake.port, cuts);
        const bump = (number: number) => {
          const { id } = makeTask(number, 0);
          fake.change(makeTask(number, (fake.tasks.get(id)?.lastSeq ?? 0) + 1));
        };
        bump(0);
        let isDone = false;
        const changing = (async () => {
          for (const it of steps) {
            if ("change" in it) bump(it.change);
            else await new Promise((resolve) => setImmediate(resolve));
          }
          isDone = true;
          bump(0);
        })();
        const items = await collect(proxy, (all) => {
          if (!isDone) return false;
          const held = view(all);
          return [...fake.tasks].every(([id, task]) => held.get(id)?.lastSeq === task.lastSeq);
        });
        await changing;
        expect(new Map([...view(items)].sort())).toEqual(new Map([...fake.tasks].sort()));
        for (const id of fake.tasks.keys()) {
          const seqs = items.flatMap((item) =>
            item.type === "tasks"
              ? item.tasks.flatMap((task) => (task.id === id ? [task.lastSeq] : []))
              : item.type === "task" && item.task.id === id
                ? [item.task.lastSeq]
                : [],
          );
          expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
