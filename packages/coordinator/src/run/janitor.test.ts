import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newTask, openStores, taskId } from "../../test/stores.ts";
import type { Repositories } from "../domain/ports.ts";
import { archive, endEarly } from "../domain/turn-decisions.ts";
import { createJanitor } from "./janitor.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-janitor-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const DAY_MS = 24 * 60 * 60_000;

/** Three tasks: one archived, one cancelled, one queued. Their repositories take 1000 bytes each. */
async function openWorld() {
  const stores = await openStores();
  const at = join(folder, crypto.randomUUID());
  await mkdir(join(at, "logs"), { recursive: true });
  await mkdir(join(at, "artifacts", taskId(1), "deep"), { recursive: true });
  await writeFile(join(at, "logs", `${taskId(1)}.log`), "x".repeat(20));
  await writeFile(join(at, "artifacts", taskId(1), "deep", "shot.png"), "x".repeat(3));
  for (const number of [1, 2, 3]) await stores.tasks.create(newTask(number));
  for (const number of [1, 2])
    await stores.tasks.change(taskId(number), (facts) => endEarly(facts, "cancel"));
  await stores.tasks.change(taskId(1), archive);
  const removed: string[] = [];
  const sizes = new Map<string, number>();
  const tidied: string[] = [];
  const repositories: Pick<Repositories, "sizeBytes" | "tidy" | "remove"> = {
    sizeBytes: async (id) => sizes.get(id) ?? 1000,
    async tidy(id) {
      tidied.push(id);
      sizes.set(id, 500);
    },
    remove: async (id) => void removed.push(id),
  };
  const errors: unknown[] = [];
  const janitor = createJanitor({
    ...stores,
    repositories: repositories as Repositories,
    logsDirectory: join(at, "logs"),
    artifactsDirectory: join(at, "artifacts"),
    retentionMs: 30 * DAY_MS,
    tidyAboveBytes: 5000,
    onError: (error) => errors.push(error),
  });
  return { ...stores, at, janitor, removed, errors, sizes, tidied };
}

test("measures repository, log and artifacts of a task together", async () => {
  await using world = await openWorld();
  await world.janitor.round();
  expect((await world.tasks.get(taskId(1)))?.diskBytes).toBe(1023);
  expect((await world.tasks.get(taskId(2)))?.diskBytes).toBe(1000);
  expect(await world.tasks.toMeasure(10)).toEqual([]);
});

test("tidies a repository that has grown large, and then measures it", async () => {
  await using world = await openWorld();
  world.sizes.set(taskId(2), 5001);
  await world.janitor.round();
  expect(world.tidied).toEqual([taskId(2)]);
  expect((await world.tasks.get(taskId(2)))?.diskBytes).toBe(500);
});

test("measures again only what has changed since", async () => {
  await using world = await openWorld();
  await world.janitor.round();
  world.time.ms += DAY_MS;
  await world.log.append(taskId(3), 0, [{ type: "notice", level: "info", code: "c", message: "m" }]);
  expect((await world.tasks.toMeasure(10)).map(({ id }) => id)).toEqual([taskId(3)]);
});

test("removes the files of what was archived long ago, and nothing else, once", async () => {
  await using world = await openWorld();
  world.time.ms += 29 * DAY_MS;
  await world.janitor.round();
  expect(world.removed).toEqual([]);
  world.time.ms += 2 * DAY_MS;
  await world.janitor.round();
  await world.janitor.round();
  expect(world.removed).toEqual([taskId(1)]);
  expect(await world.tasks.get(taskId(1))).toMatchObject({ removed: true, diskBytes: 0, state: "archived" });
  expect(await Bun.file(join(world.at, "logs", `${taskId(1)}.log`)).exists()).toBe(false);
  const { events } = await world.log.read(taskId(1), 0, 100);
  expect(events.at(-1)?.body).toEqual({ type: "task.removed", freedBytes: 1023 });
  expect(world.errors).toEqual([]);
});
