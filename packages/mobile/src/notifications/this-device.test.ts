import type { DeviceInfo, DeviceKinds, DeviceTarget, RegisterDevice, SessionInfo } from "@farhand/protocol";
import { storage } from "../prefs/storage";
import { keepAccount } from "../session/account.ts";
import type { Permission, PushChannel } from "./push-channel.ts";
import { type DeviceClient, isWanted, leave, renew, turnOff, turnOn } from "./this-device.ts";

jest.mock("./push-channel", () => ({}));

const ALL: DeviceKinds = { "needs-you": true, finished: true, failed: true };
const device = (change: Partial<DeviceInfo>): DeviceInfo => ({
  id: "d_1",
  channel: "expo",
  label: "Phone",
  host: "exp.host",
  kinds: ALL,
  isCurrent: true,
  addedAt: "2026-03-01T10:00:00.000Z",
  lastSentAt: null,
  lastError: null,
  ...change,
});

/** A phone and a server, and what happened between them. */
function world() {
  const did: string[] = [];
  const state = {
    permission: "undecided" as Permission,
    /** What the person chooses when asked. */
    choice: "granted" as Permission,
    token: "one" as string | null,
    next: "one",
    devices: [] as DeviceInfo[],
    session: "s_1",
    registered: [] as RegisterDevice[],
    isDown: false,
  };
  const target = (token: string): DeviceTarget => ({ channel: "expo", token });
  const push: PushChannel = {
    channel: "expo",
    unable: async () => null,
    permission: async () => state.permission,
    async ask() {
      if (state.permission === "undecided") state.permission = state.choice;
      return state.permission;
    },
    current: async () => (state.token === null ? null : target(state.token)),
    async subscribe() {
      state.token = state.next;
      return target(state.next);
    },
    async end() {
      did.push("end");
      state.token = null;
    },
  };
  const client: DeviceClient = {
    vapidKey: async () => ({ publicKey: "key" }),
    async devices() {
      if (state.isDown) throw new Error("no answer");
      return { devices: state.devices };
    },
    async registerDevice(given) {
      state.registered.push(given);
      const id = `d_${given.target.channel === "expo" ? given.target.token : "other"}`;
      const made = device({ id, kinds: given.kinds ?? ALL });
      state.devices = [...state.devices.filter((it) => it.id !== id), made];
      return made;
    },
    async removeDevice(id) {
      did.push(`remove ${id}`);
      state.devices = state.devices.filter((it) => it.id !== id);
      return { devices: state.devices };
    },
    sessions: async () => ({ sessions: [{ id: state.session, isCurrent: true } as SessionInfo] }),
  };
  return { state, did, options: { push, client } };
}

beforeEach(() => {
  storage.set("farhand.push", null);
  keepAccount({ baseUrl: "https://a.example.com", userId: "u_1", login: "you", name: "", role: "owner" });
});

test("a device that is switched on is registered, and switched off it is removed and reached no more", async () => {
  const { state, did, options } = world();
  expect(await turnOn(options)).toBe("granted");
  expect(state.registered).toMatchObject([{ target: { channel: "expo", token: "one" } }]);
  expect(isWanted()).toBe(true);
  await turnOff(options);
  expect(did).toEqual(["end", "remove d_one"]);
  expect([isWanted(), state.devices]).toEqual([false, []]);
});

test("whoever says no is not registered", async () => {
  const { state, options } = world();
  state.choice = "denied";
  expect(await turnOn(options)).toBe("denied");
  expect([state.registered, isWanted()]).toEqual([[], false]);
});

test("nothing is asked of anybody at the start where notifications are off", async () => {
  const { state, options } = world();
  state.permission = "granted";
  state.isDown = true;
  expect(await renew(options)).toBe("as it was");
});

test("what the server knows already is not registered again", async () => {
  const { state, options } = world();
  await turnOn(options);
  expect(await renew(options)).toBe("as it was");
  expect(state.registered).toHaveLength(1);
});

for (const [what, token] of [
  ["another address", "two"],
  ["no address any more, as after a new key of the server,", null],
] as const)
  test(`a device that has ${what} is registered anew, keeps its kinds and leaves no other behind`, async () => {
    const { state, did, options } = world();
    await turnOn(options);
    const kinds = { "needs-you": true, finished: false, failed: false };
    state.devices = [device({ id: "d_one", kinds }), device({ id: "d_desk", isCurrent: false })];
    state.token = token;
    state.next = "two";
    expect(await renew(options)).toBe("renewed");
    expect(state.registered.at(-1)).toMatchObject({ target: { token: "two" }, kinds });
    expect(did).toEqual(["remove d_one"]);
    expect(state.devices.map(({ id }) => id)).toEqual(["d_desk", "d_two"]);
    expect(await renew(options)).toBe("as it was");
  });

test("whoever has signed in again is registered again, and what was removed elsewhere stays removed", async () => {
  const { state, did, options } = world();
  await turnOn(options);
  // A device ends with its sign-in.
  state.devices = [];
  state.session = "s_2";
  expect(await renew(options)).toBe("renewed");
  expect(state.devices).toHaveLength(1);
  state.devices = [];
  expect(await renew(options)).toBe("ended");
  expect([did, isWanted(), state.devices]).toEqual([["end"], false, []]);
});

test("whoever signs out is reached no more, and is listed no more", async () => {
  const { state, did, options } = world();
  await turnOn(options);
  await leave(options);
  expect([did, isWanted(), state.devices]).toEqual([["end", "remove d_one"], false, []]);
});

test("whoever signs out without the server is reached no more", async () => {
  const { state, did, options } = world();
  await turnOn(options);
  state.isDown = true;
  await leave(options);
  expect([did, isWanted()]).toEqual([["end"], false]);
});

test("somebody else on the same device has not asked for anything", async () => {
  const { options } = world();
  await turnOn(options);
  keepAccount({ baseUrl: "https://a.example.com", userId: "u_2", login: "her", name: "", role: "member" });
  expect(isWanted()).toBe(false);
  expect(await renew(options)).toBe("as it was");
});
