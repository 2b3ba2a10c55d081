import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PushNotification } from "@farhand/protocol";
import {
  type ExpoPushService,
  type NtfyServer,
  startExpoPushService,
  startNtfyServer,
  startWebPushService,
  type WebPushService,
} from "@farhand/simulators/push";
import { noDocker } from "./support/docker.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
let web: WebPushService;
let expo: ExpoPushService;
let ntfy: NtfyServer;
beforeAll(async () => {
  if (noDocker) return;
  [web, expo, ntfy] = await Promise.all([startWebPushService(), startExpoPushService(), startNtfyServer()]);
  world = await openWorld({ EXPO_BASE_URL: expo.url });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  for (const service of [web, expo, ntfy]) await service?.[Symbol.asyncDispose]();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(20);
}

const told = () => web.messages.map(({ text }) => PushNotification.parse(JSON.parse(text)));

/** Does what a notification's button does, as a service worker would. */
async function press(notification: PushNotification, actionId: string): Promise<number> {
  const action = notification.actions.find(({ id }) => id === actionId);
  if (!action?.request) throw new Error(`there is no button ${actionId}`);
  const { method, path, body } = action.request;
  const token = (await Bun.file(`${world.folder}/data/owner.token`).text()).trim();
  const answer = await fetch(`${world.client.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": `${notification.id}.${actionId}`,
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}

describe.skipIf(noDocker)("a task that needs its user", () => {
  test("tells a browser, an app and an ntfy topic what it asks, and is answered from the notification", async () => {
    const { publicKey } = await world.client.vapidKey();
    const subscription = web.subscribe(publicKey);
    await world.client.registerDevice({ label: "Firefox", target: { channel: "web", subscription } });
    await world.client.registerDevice({ label: "Phone", target: { channel: "expo", token: expo.install() } });
    await world.client.registerDevice({
      label: "ntfy",
      target: { channel: "ntfy", server: ntfy.url, topic: "farhand-e2e", accessToken: null },
      kinds: { "needs-you": true, finished: false, failed: false },
    });
    const { id } = await world.create({ prompt: "Greet. [scenario:ask-first]" });
    await until(() => told().length === 1 && expo.messages.length === 1 && ntfy.messages.length === 1);
    const question = "Which greeting should the file hold?\n1. hello\n2. good morning";
    expect([told()[0]?.body, expo.messages[0]?.body, ntfy.messages[0]?.message]).toEqual([
      question,
      question,
      question,
    ]);
    const [notification] = told();
    if (!notification) throw new Error("nothing was told");
    expect(await press(notification, "option-1")).toBe(202);
    expect(await world.ended(id)).toMatchObject({ state: "idle", question: null });
    const results = (await world.bodies(id, "tool.finished")).filter(({ name }) => name === "ask_user");
    expect(results).toMatchObject([{ content: "hello" }]);
    // A second press of the same button is the same answer.
    expect(await press(notification, "option-1")).toBe(202);
    await until(() => told().length === 2 && expo.messages.length === 2);
    expect(told()[1]).toMatchObject({
      kind: "finished",
      body: "`greeting.txt` holds the greeting that was asked for.",
    });
    expect(ntfy.messages).toHaveLength(1);
    expect([...web.refusals, ...expo.refusals, ...ntfy.refusals]).toEqual([]);
  }, 60_000);

  test("is told of after a power cut that came before anybody was, under one tag", async () => {
    const before = told().length;
    const { id } = await world.create({ prompt: "Greet again. [scenario:ask-first]" });
    // Nobody can be reached until after the cut.
    web.fail({ status: 503, times: 1 });
    await world.until(id, (body) => body.type === "state.changed" && body.to === "waiting");
    await world.coordinator.kill();
    await world.restart();
    await until(() => told().length > before);
    const about = told().slice(before);
    expect(new Set(about.map(({ tag }) => tag))).toEqual(new Set([id]));
    await world.client.cancelTask(id);
    await world.ended(id);
  }, 60_000);

  test("is not told of on a device that looks at it", async () => {
    const { devices } = await world.client.devices();
    const firefox = devices.find(({ label }) => label === "Firefox");
    const token = (await Bun.file(`${world.folder}/data/owner.token`).text()).trim();
    const { id } = await world.create({ prompt: "Greet. [scenario:ask-first]" });
    const socket = new WebSocket(`${world.client.baseUrl.replace(/^http/, "ws")}/api/ws`);
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.send(JSON.stringify({ type: "hello", protocol: 2, token }));
    socket.send(JSON.stringify({ type: "looking", taskId: id, deviceId: firefox?.id }));
    const pongs = Promise.withResolvers<void>();
    socket.onmessage = ({ data }) => {
      if (JSON.parse(data).type === "pong") pongs.resolve();
    };
    socket.send(JSON.stringify({ type: "ping" }));
    await pongs.promise;
    const phone = () => expo.messages.filter(({ tag }) => tag === id);
    await until(() => phone().length === 1);
    await Bun.sleep(300);
    expect(told().filter(({ tag }) => tag === id)).toEqual([]);
    socket.close();
    await world.client.cancelTask(id);
    await world.ended(id);
  }, 60_000);

  test("leaves no address of a device in the log or in the database", async () => {
    const database = await Bun.file(`${world.folder}/data/agent.db`).text();
    const wal = await Bun.file(`${world.folder}/data/agent.db-wal`).text();
    for (const secret of ["/push/", "ExponentPushToken[", "vapid t="])
      for (const text of [world.coordinator.logged(), database, wal]) expect(text).not.toContain(secret);
  });
});
