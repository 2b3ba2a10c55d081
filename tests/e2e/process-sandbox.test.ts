import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startCoordinator } from "./support/coordinator.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ FARHAND_SANDBOX: "process" });
});
afterAll(() => world[Symbol.asyncDispose]());

test("without Docker the main job runs in a child process, and the log warns loudly", async () => {
  const task = await world.play("fix-failing-test");
  expect(task).toMatchObject({ state: "idle", failure: null, filesChanged: 1 });
  expect(task.pullRequestUrl).toContain("/pull/");
  expect(world.coordinator.logged()).toContain("WITHOUT ANY ISOLATION");
  const { sandbox } = await world.client.ready();
  expect(sandbox).toEqual({ driver: "process", isolated: false });
});

test("cancelling ends the child process and removes its folder", async () => {
  const { id } = await world.create({ prompt: "Do it. [scenario:sleep-forever]" });
  await world.until(id, (body) => body.type === "tool.started");
  await world.client.cancelTask(id);
  expect((await world.ended(id)).state).toBe("cancelled");
  const work = new Bun.Glob(`*${id}*`).scan({
    cwd: join(world.settings.FARHAND_DATA ?? "", "work"),
    onlyFiles: false,
  });
  expect(await Array.fromAsync(work)).toEqual([]);
});

test("it does not serve beyond loopback", async () => {
  const open = await startCoordinator({
    ...world.settings,
    FARHAND_HOST: "0.0.0.0",
    FARHAND_DATA: join(world.folder, "open"),
  });
  expect(open.announcement).toMatchObject({ event: "failed", message: expect.stringContaining("0.0.0.0") });
});
