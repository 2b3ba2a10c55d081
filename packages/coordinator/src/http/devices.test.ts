import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  DeviceInfo,
  DeviceList,
  DeviceTest,
  Problem,
  type RegisterDevice,
  VapidKey,
} from "@farhand/protocol";
import { startWebPushService, type WebPushService } from "@farhand/simulators/push";
import { appOver } from "../../test/app-over.ts";
import { OWNER, openStores } from "../../test/stores.ts";

const MEMBER = { id: "u_member", login: "member", token: "fho_member-token-for-tests" };

let service: WebPushService;
let stores: Awaited<ReturnType<typeof openStores>>;
let app: ReturnType<typeof appOver>;
beforeEach(async () => {
  service = await startWebPushService();
  stores = await openStores();
  await stores.users.setOwner(MEMBER);
  app = appOver(stores);
});
afterEach(async () => {
  await stores[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const ask = (method: string, path: string, body?: unknown, token = OWNER.token) =>
  app.request(
    `/api${path}`,
    {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    { peer: { address: "203.0.113.9", isLoopback: false } },
  );

async function subscribed(): Promise<RegisterDevice> {
  const { publicKey } = VapidKey.parse(await (await ask("GET", "/notifications/vapid")).json());
  return { label: "Firefox", target: { channel: "web", subscription: service.subscribe(publicKey) } };
}

test("a device is added, known again, changed, tried and removed, and each change is in the audit log", async () => {
  const wanted = await subscribed();
  const added = await ask("POST", "/devices", wanted);
  expect(added.status).toBe(201);
  const device = DeviceInfo.parse(await added.json());
  expect(device).toMatchObject({
    channel: "web",
    label: "Firefox",
    host: new URL(service.url).host,
    kinds: { "needs-you": true, finished: true, failed: true },
  });
  expect((await ask("POST", "/devices", wanted)).status).toBe(200);
  const changed = await ask("PATCH", `/devices/${device.id}`, {
    label: "Laptop",
    kinds: { finished: false },
  });
  expect(DeviceInfo.parse(await changed.json())).toMatchObject({
    label: "Laptop",
    kinds: { "needs-you": true, finished: false, failed: true },
  });
  const tried = DeviceTest.parse(await (await ask("POST", `/devices/${device.id}/test`)).json());
  expect([tried.status, service.messages.length]).toEqual(["sent", 1]);
  const list = DeviceList.parse(await (await ask("GET", "/devices")).json());
  expect(list.devices.map(({ label }) => label)).toEqual(["Laptop"]);
  const left = DeviceList.parse(await (await ask("DELETE", `/devices/${device.id}`)).json());
  expect(left.devices).toEqual([]);
  const entries = await stores.audit.list({ before: null, limit: 10, userId: OWNER.id });
  expect(entries.map(({ action, subject, address }) => [action, subject, address])).toEqual(
    ["device.removed", "device.tested", "device.changed", "device.changed", "device.added"].map((action) => [
      action,
      device.id,
      "203.0.113.9",
    ]),
  );
  expect(JSON.stringify([entries, list])).not.toContain("/push/");
});

test("what is no subscription, token or topic is refused, and so is more than is known", async () => {
  const good = await subscribed();
  const target = (change: object) => ({ label: "x", target: change });
  for (const body of [
    {},
    { ...good, more: 1 },
    target({ channel: "web", subscription: { endpoint: "ftp://x", keys: {} } }),
    target({
      channel: "web",
      subscription: { endpoint: "https://x.example.com", keys: { p256dh: "B", auth: "a" } },
    }),
    target({ channel: "expo", token: "not a token" }),
    target({ channel: "ntfy", server: "https://u:p@ntfy.example.com", topic: "t", accessToken: null }),
    target({ channel: "ntfy", server: "https://ntfy.example.com", topic: "../x", accessToken: null }),
    target({ channel: "sms", number: "1" }),
  ]) {
    const answer = await ask("POST", "/devices", body);
    expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([400, "invalid_request"]);
  }
  const { id } = DeviceInfo.parse(await (await ask("POST", "/devices", good)).json());
  expect((await ask("PATCH", `/devices/${id}`, { kinds: { everything: true } })).status).toBe(400);
});

test("a member names no address of this server's networks, and sees no device but their own", async () => {
  const refused = await ask("POST", "/devices", await subscribed(), MEMBER.token);
  expect(Problem.parse(await refused.json()).code).toBe("address_refused");
  await ask("POST", "/devices", await subscribed());
  const list = DeviceList.parse(await (await ask("GET", "/devices", undefined, MEMBER.token)).json());
  expect(list.devices).toEqual([]);
});
