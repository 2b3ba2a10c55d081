import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  chatRows,
  createMemoryStore,
  isAtRest,
  type LocalStore,
  openServer,
  type ServerStore,
} from "@farhand/client/app";
import { type Cutter, startCutter } from "../faults/cutter.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
let network: Cutter;
beforeAll(async () => {
  world = await openWorld({ FARHAND_SANDBOX: "process" });
  network = await startCutter();
  network.lead(world.client.baseUrl);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endsAt = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > endsAt) throw new Error(`it never came to this: ${what}`);
    await Bun.sleep(10);
  }
}

/** The app on a device whose disk outlives it. */
async function openApp(local: LocalStore): Promise<ServerStore> {
  const token = (await Bun.file(`${world.settings.FARHAND_DATA}/owner.token`).text()).trim();
  return openServer({
    baseUrl: network.url,
    token,
    local: { transaction: local.transaction, close: async () => undefined },
    backoff: { firstDelayMs: 20, maxDelayMs: 100 },
  });
}

const messages = async (taskId: string) =>
  (await world.events(taskId)).flatMap(({ body }) =>
    body.type === "message.queued" || (body.type === "turn.started" && body.turn > 1) ? [body.text] : [],
  );

test("an app that is cut off at every turn starts a task, writes twice, and each arrives once", async () => {
  const local = createMemoryStore();
  const app = await openApp(local);
  let taskId = "";
  app.outbox.done(({ entry, answer }) => {
    if (entry.command.type === "create_task") taskId = (answer as { id: string }).id;
  });
  // Each connection breaks after some bytes, answers to changes as much as the stream of events.
  let cuts = 0;
  network.cutAfter(() => 300 + ((++cuts * 977) % 3000));
  const repository = world.sample.cloneUrl;
  const prompt = "Do it. [scenario:many-steps file=STEPS.md]";
  await app.outbox.add({ type: "create_task", task: { repository, prompt } });
  await until("the task", () => taskId !== "");
  const task = app.openTask(taskId);
  await app.outbox.add({ type: "send_message", taskId, text: "One more thing." });
  await app.outbox.add({ type: "send_message", taskId, text: "And another." });
  await until("an empty outbox", () => app.outbox.getSnapshot().length === 0);
  network.cutAfter(null);
  await until("the end", () => {
    const { view, status } = task.getSnapshot();
    return (
      status === "live" && view.header !== null && isAtRest(view.header.state) && view.waiting.length === 0
    );
  });
  expect(cuts).toBeGreaterThan(3);
  expect(await messages(taskId)).toEqual(["One more thing.", "And another."]);

  const log = await world.events(taskId);
  const { view } = task.getSnapshot();
  expect(view.seq).toBe(log.length);
  const rows = chatRows(view);
  expect(rows.map(({ kind }) => kind)).not.toContain("unknown");
  expect(rows.filter(({ kind }) => kind === "user")).toHaveLength(3);
  expect(view.header).toMatchObject({ state: "idle", pullRequest: { state: "open" } });
  expect(view.header?.costUsd).toBeCloseTo((await world.client.getTask(taskId)).costUsd, 6);
  await app.settled();
  const kept = await local.transaction("read", (tx) => tx.list({ prefix: `event/${taskId}/` }));
  expect(kept.map(({ value }) => value as unknown)).toEqual(log);
  await app.close();
});

test("what was written while the server was away, and the app ended, goes out when both are back", async () => {
  const { id: taskId } = await world.play("fix-failing-test");
  const local = createMemoryStore();
  const first = await openApp(local);
  await until("the list", () => first.tasks.getSnapshot().status === "live");
  await world.coordinator.stop();
  await until("no connection", () => first.connection.getSnapshot().status === "offline");
  await first.outbox.add({ type: "send_message", taskId, text: "Later. [scenario:say-hello]" });
  await first.outbox.add({ type: "archive", taskId });
  await first.close();

  await world.restart();
  network.lead(world.client.baseUrl);
  const second = await openApp(local);
  // Too early: the turn that the message opens is at work, and the server says so in words.
  await until("the refusal", () => second.outbox.getSnapshot()[0]?.status === "refused");
  const [refused] = second.outbox.getSnapshot();
  expect(refused).toMatchObject({ command: { type: "archive" }, problem: { status: 409 } });
  expect(await messages(taskId)).toEqual(["Later. [scenario:say-hello]"]);
  await second.close();
});
