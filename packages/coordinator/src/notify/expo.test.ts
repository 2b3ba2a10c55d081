import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { type ExpoPushService, startExpoPushService } from "@farhand/simulators/push";
import { asked, ME, openNotifyWorld, until } from "../../test/notify-world.ts";
import { taskId } from "../../test/stores.ts";

let expo: ExpoPushService;
let world: Awaited<ReturnType<typeof openNotifyWorld>>;
const usual = process.env.EXPO_BASE_URL;

beforeAll(async () => {
  expo = await startExpoPushService({ accessToken: "expo-access-token" });
  // The library reads it once, when it is loaded, which is at the first message.
  process.env.EXPO_BASE_URL = expo.url;
});
afterAll(async () => {
  if (usual === undefined) delete process.env.EXPO_BASE_URL;
  else process.env.EXPO_BASE_URL = usual;
  await expo[Symbol.asyncDispose]();
});
beforeEach(async () => {
  expo.messages.length = 0;
  expo.asked.length = 0;
  expo.areReceiptsReady = true;
  world = await openNotifyWorld({ change: { expoAccessToken: "expo-access-token" } });
  await world.pump.start();
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world[Symbol.asyncDispose]();
});

/** The message was taken, and that is written down. */
const isSent = async () => (await world.keeper.list(ME))[0]?.lastSentAt !== null;

const add = (token: string) => world.register({ channel: "expo", token });

test("the app is told by Expo's own client, with all that it needs to act, and the receipt is looked up later", async () => {
  const token = expo.install();
  await add(token);
  await world.append(asked("toolu_1"));
  await until(() => expo.messages.length === 1);
  expect(expo.refusals).toEqual([]);
  expect(expo.messages[0]).toMatchObject({
    to: token,
    title: "Question · Round the prices",
    body: "Half up?\n1. yes\n2. no",
    priority: "high",
    channelId: "needs-you",
    categoryId: "question",
    collapseId: taskId(1),
    data: { version: 1, kind: "needs-you", taskId: taskId(1), actions: [{ id: "reply" }, {}, {}] },
  });
  expect(expo.asked).toEqual([]);
  await until(isSent);
  await world.pass(61_000);
  await until(() => expo.asked.length === 1);
  await world.pass(120_000);
  expect(expo.asked).toHaveLength(1);
  expect((await world.keeper.list(ME))[0]).toMatchObject({ lastError: null });
});

test("a long message is cut to what Apple and Google take, and is sent zipped", async () => {
  await add(expo.install());
  await world.append(asked("toolu_1", 'é"'.repeat(2000)));
  await until(() => expo.messages.length === 1);
  expect(expo.refusals).toEqual([]);
});

test("a device whose ticket says that it is not registered is removed", async () => {
  const token = expo.install();
  await add(token);
  expo.uninstall(token, true);
  await world.append(asked("toolu_1"));
  await until(async () => (await world.keeper.list(ME)).length === 0);
});

test("a device whose receipt says so is removed, however late the receipt comes", async () => {
  const token = expo.install();
  await add(token);
  expo.uninstall(token, false);
  expo.areReceiptsReady = false;
  await world.append(asked("toolu_1"));
  await until(isSent);
  await world.pass(61_000);
  await until(() => expo.asked.length === 1);
  await world.settled();
  expect(await world.keeper.list(ME)).toHaveLength(1);
  expo.areReceiptsReady = true;
  await world.pass(61_000);
  await until(async () => (await world.keeper.list(ME)).length === 0);
  const [entry] = await world.audit.list({ before: null, limit: 1, userId: null });
  expect(entry?.detail).toContain("DeviceNotRegistered");
  expect(entry?.detail).not.toContain(token);
});

test("what Expo cannot take just now is tried again", async () => {
  await add(expo.install());
  expo.fail({ status: 503, times: 1 });
  await world.append(asked("toolu_1"));
  await until(async () => (await world.keeper.list(ME))[0]?.lastError !== null);
  await world.pass(3000);
  await until(() => expo.messages.length === 1);
});
