import type { RestApi } from "@farhand/client/app";
import type { DeviceInfo, RegisterDevice } from "@farhand/protocol";
import { screen, userEvent, waitFor } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import type { Permission, PushChannel, Unable } from "../../notifications/push-channel.ts";
import { storage } from "../../prefs/storage";
import { keepAccount } from "../../session/account.ts";
import { NotificationsScreen } from "./notifications-screen.tsx";

/** The phone's own part, set by hand. */
const mockPhone = { why: null as Unable | null, permission: "undecided" as Permission, isReached: false };
jest.mock("../../notifications/push-channel", () => {
  const target = { channel: "expo", token: "ExponentPushToken[x]" } as const;
  const pushChannel: PushChannel = {
    channel: "expo",
    unable: async () => mockPhone.why,
    permission: async () => mockPhone.permission,
    async ask() {
      if (mockPhone.permission === "undecided") mockPhone.permission = "granted";
      return mockPhone.permission;
    },
    current: async () => (mockPhone.isReached ? target : null),
    async subscribe() {
      mockPhone.isReached = true;
      return target;
    },
    async end() {
      mockPhone.isReached = false;
    },
  };
  return { pushChannel };
});

jest.mock("../../platform/new-id", () => ({ newId: () => "01234567-89ab-4def-8123-456789abcdef" }));

const user = userEvent.setup();

const desk: DeviceInfo = {
  id: "d_desk",
  channel: "web",
  label: "Firefox, Linux",
  host: "push.example.com",
  kinds: { "needs-you": true, finished: true, failed: true },
  isCurrent: false,
  addedAt: "2026-03-01T10:00:00.000Z",
  lastSentAt: null,
  lastError: "The push service does not answer.",
};

beforeEach(() => {
  Object.assign(mockPhone, { why: null, permission: "undecided", isReached: false });
  storage.set("farhand.push", null);
  keepAccount({
    baseUrl: "https://farhand.example.com",
    userId: "u_1",
    login: "you",
    name: "",
    role: "owner",
  });
});

/** A server that keeps devices, and notes what it is asked for. */
function serverWith(...first: DeviceInfo[]) {
  let devices = first;
  const registered: RegisterDevice[] = [];
  const client: Partial<RestApi> = {
    vapidKey: async () => ({ publicKey: "key" }),
    devices: async () => ({ devices }),
    sessions: async () => ({ sessions: [] }),
    async registerDevice(given) {
      registered.push(given);
      const { channel } = given.target;
      const made = {
        ...desk,
        id: `d_${channel}`,
        channel,
        label: given.label,
        isCurrent: channel === "expo",
      };
      devices = [...devices, { ...made, lastError: null }];
      return made;
    },
    async updateDevice(id, change) {
      const kinds = { ...desk.kinds, ...change.kinds } as DeviceInfo["kinds"];
      devices = devices.map((it) => (it.id === id ? { ...it, kinds } : it));
      return { ...desk, id, kinds };
    },
    async removeDevice(id) {
      devices = devices.filter((it) => it.id !== id);
      return { devices };
    },
    testDevice: async () => ({ status: "failed", message: "The push service does not answer." }),
  };
  return { store: aServer(client).store, registered, now: () => devices };
}

const here = () => screen.getByRole("switch", { name: /^On this device/ });

test("the switch registers this device, which then chooses what it is told, and removes it again", async () => {
  const { store, now } = serverWith();
  await renderIn(<NotificationsScreen />, store);
  await waitFor(() => expect(here()).toBeOnTheScreen());
  expect(here()).toHaveAccessibleName("On this device Off");
  await user.press(here());
  await waitFor(() => expect(here()).toHaveAccessibleName("On this device On"));
  expect(now().map(({ id }) => id)).toEqual(["d_expo"]);

  await user.press(screen.getByRole("switch", { name: "A task is done" }));
  await waitFor(() => expect(now()[0]?.kinds).toEqual({ "needs-you": true, finished: false, failed: true }));
  expect(screen.getByRole("switch", { name: "A task is done" })).not.toBeChecked();

  await user.press(here());
  await waitFor(() => expect(here()).toHaveAccessibleName("On this device Off"));
  expect([now(), mockPhone.isReached]).toEqual([[], false]);
});

for (const [what, state, said] of [
  ["a device that does not allow it", { permission: "denied" }, /does not allow it/],
  ["a browser without notifications", { why: "unsupported" }, /has no notifications/],
  ["a page over plain http", { why: "insecure" }, /over https only/],
  ["a page that is not on the home screen", { why: "install-first" }, /home screen first/],
  ["a build without keys", { why: "no-keys" }, /no keys of Google's or Apple's/],
] as const)
  test(`${what} has no switch to press, and is told what to do`, async () => {
    Object.assign(mockPhone, state);
    const { store, registered } = serverWith();
    await renderIn(<NotificationsScreen />, store);
    await waitFor(() => expect(screen.getByText(said)).toBeOnTheScreen());
    expect(here()).toBeDisabled();
    await user.press(here());
    expect(registered).toEqual([]);
  });

test("another device shows what went wrong, can be tried, and is removed", async () => {
  const { store, now } = serverWith(desk);
  await renderIn(<NotificationsScreen />, store);
  await waitFor(() => expect(screen.getByText("Firefox, Linux")).toBeOnTheScreen());
  await user.press(screen.getByText("Firefox, Linux"));
  expect(screen.getByText(/The last time it failed: The push service/)).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Send a test" }));
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent(/does not answer/));
  await user.press(screen.getByRole("button", { name: "Remove: Firefox, Linux" }));
  await waitFor(() => expect(screen.getByText("None yet")).toBeOnTheScreen());
  expect(now()).toEqual([]);
});

test("an ntfy topic is checked before it is added", async () => {
  const { store, registered } = serverWith();
  await renderIn(<NotificationsScreen />, store);
  await user.press(screen.getByRole("button", { name: "Add an ntfy topic" }));
  const topic = screen.getByLabelText("Topic");
  expect(topic.props.value).toBe("farhand-0123456789ab4def");
  await user.clear(topic);
  await user.type(topic, "my topic");
  await user.clear(screen.getByLabelText("ntfy server"));
  await user.type(screen.getByLabelText("ntfy server"), "ntfy");
  await user.press(screen.getByRole("button", { name: "Add" }));
  expect(screen.getByText(/up to 64 letters/)).toBeOnTheScreen();
  expect(screen.getByText(/An address looks like/)).toBeOnTheScreen();
  expect(registered).toEqual([]);

  await user.clear(topic);
  await user.type(topic, "farhand-4f7a");
  await user.clear(screen.getByLabelText("ntfy server"));
  await user.type(screen.getByLabelText("ntfy server"), "https://ntfy.example.com");
  await user.press(screen.getByRole("button", { name: "Add" }));
  await waitFor(() => expect(screen.getByText("ntfy: farhand-4f7a")).toBeOnTheScreen());
  expect(registered).toEqual([
    {
      label: "ntfy: farhand-4f7a",
      target: {
        channel: "ntfy",
        server: "https://ntfy.example.com",
        topic: "farhand-4f7a",
        accessToken: null,
      },
    },
  ]);
});

test("a server that does not answer is asked again", async () => {
  let asked = 0;
  const { store } = aServer({
    devices: async () => {
      asked += 1;
      if (asked === 1) throw new Error("no answer");
      return { devices: [desk] };
    },
  });
  await renderIn(<NotificationsScreen />, store);
  await waitFor(() => expect(screen.getByText("This could not be loaded")).toBeOnTheScreen());
  await user.press(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.getByText("Firefox, Linux")).toBeOnTheScreen());
});
