import { expect, test } from "bun:test";
import type { FileNode, Task, TaskDiff } from "@farhand/protocol";
import { makeTask } from "../../test/fake-coordinator.ts";
import { ApiError, problem, UnreachableError } from "../api-error.ts";
import { createDeviceCache } from "../cache/device-cache.ts";
import { diffKey, nodeKey } from "../cache/task-keys.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { bringWorkToHand, type WorkAtHandOptions } from "./work-at-hand.ts";

const COMMIT = "a".repeat(40);
const diffOf = (text: string): TaskDiff => ({
  from: COMMIT,
  to: COMMIT,
  files: [],
  filesTruncated: false,
  text,
  truncated: false,
  filesChanged: 0,
  insertions: 0,
  deletions: 0,
});
const ROOT: FileNode = { kind: "folder", commit: COMMIT, path: "", entries: [], truncated: false };

function setUp(change: Partial<WorkAtHandOptions> & { diff?: (taskId: string) => Promise<TaskDiff> } = {}) {
  const onError = (error: unknown) => {
    throw error;
  };
  const cache = createDeviceCache(createMemoryStore(), { onError });
  const asked: string[] = [];
  const { diff = async (taskId: string) => diffOf(taskId), ...rest } = change;
  const options: WorkAtHandOptions = {
    cache,
    api: {
      diff: (taskId, range) => {
        asked.push(`diff ${taskId} ${range?.from} ${range?.to}`);
        return diff(taskId);
      },
      files: async (taskId, place) => {
        asked.push(`files ${taskId} ${place?.path}`);
        return ROOT;
      },
    },
    isCurrent: () => true,
    limits: { tasks: 2, characters: 1_000 },
    ...rest,
  };
  const kept = async (id: string) => [
    await cache.get(diffKey(id, "base", "latest")),
    await cache.get(nodeKey(id, "")),
  ];
  return { options, asked, kept };
}

const aTask = (number: number, change: Partial<Task> = {}): Task => ({
  ...makeTask(number, 4),
  state: "idle",
  ...change,
});
const day = (n: number) => `2026-03-0${n}T00:00:00.000Z`;
const both = ({ id }: Task) => [`diff ${id} base latest`, `files ${id} `];

test("the changes and the root folder of the likeliest tasks that rest are kept as their screens keep them", async () => {
  const { options, asked, kept } = setUp();
  const [old, news, busy, archived, failed] = [
    aTask(1, { updatedAt: day(1) }),
    aTask(2, { updatedAt: day(2) }),
    aTask(3, { updatedAt: day(8), state: "running" }),
    aTask(4, { updatedAt: day(9), state: "archived" }),
    aTask(5, { updatedAt: day(1), state: "failed" }),
  ];
  await bringWorkToHand(options, [old, news, busy, archived, failed]);
  expect(asked).toEqual([...both(failed), ...both(news)]);
  expect(await kept(news.id)).toEqual([diffOf(news.id), ROOT]);
  expect(await kept(old.id)).toEqual([null, null]);
});

test("they are asked for again once the task has gone on, and not before", async () => {
  const { options, asked } = setUp();
  const task = aTask(1);
  await bringWorkToHand(options, [task]);
  await bringWorkToHand(options, [task]);
  expect(asked).toEqual(both(task));
  await bringWorkToHand(options, [{ ...task, lastSeq: 5 }]);
  expect(asked).toEqual([...both(task), ...both(task)]);
});

test("what is too large is left for when it is opened, and is not fetched in vain each time", async () => {
  const { options, asked, kept } = setUp({ diff: async () => diffOf("x".repeat(1_000)) });
  const task = aTask(1);
  await bringWorkToHand(options, [task]);
  await bringWorkToHand(options, [task]);
  expect(await kept(task.id)).toEqual([null, ROOT]);
  expect(asked).toEqual(both(task));
});

test("a task that has saved nothing yet is no trouble for the others", async () => {
  const [none, some] = [aTask(1, { updatedAt: day(2) }), aTask(2, { updatedAt: day(1) })];
  const { options, kept } = setUp({
    diff: async (id) => {
      if (id === none.id) throw new ApiError(problem(404, "not_found", "There is none.", "Wait."));
      return diffOf(id);
    },
  });
  await bringWorkToHand(options, [none, some]);
  expect(await kept(none.id)).toEqual([null, ROOT]);
  expect(await kept(some.id)).toEqual([diffOf(some.id), ROOT]);
});

test("where nobody answers it is tried again with the next connection, and an end of the connection ends it all", async () => {
  let isAway = true;
  const { options, asked, kept } = setUp({
    diff: async (id) => {
      if (isAway) throw new UnreachableError("https://farhand.example.com");
      return diffOf(id);
    },
  });
  const task = aTask(1);
  await expect(bringWorkToHand(options, [task])).rejects.toThrow(UnreachableError);
  isAway = false;
  await bringWorkToHand(options, [task]);
  expect(await kept(task.id)).toEqual([diffOf(task.id), ROOT]);
  const before = asked.length;
  await bringWorkToHand({ ...options, isCurrent: () => false }, [aTask(2)]);
  expect(asked).toHaveLength(before);
});
