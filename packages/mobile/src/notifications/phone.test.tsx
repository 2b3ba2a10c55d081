import type { Command } from "@farhand/client/app";
import { PushNotification } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { act } from "@testing-library/react-native";
import Constants from "expo-constants";
import * as phone from "expo-notifications";
import { router } from "expo-router";
import { aServer, renderIn } from "../../test/a-server.tsx";
import { strings } from "../strings/strings.ts";
import { NotificationsHost } from "./notifications-host.tsx";
import { pushChannel } from "./push-channel.native.ts";

/** The phone's own part: what it was told, and what it tells the app. */
jest.mock("expo-notifications", () => ({
  AndroidImportance: { HIGH: 6, DEFAULT: 5 },
  DEFAULT_ACTION_IDENTIFIER: "expo.modules.notifications.actions.DEFAULT",
  addNotificationResponseReceivedListener: jest.fn(() => ({ remove: jest.fn() })),
  clearLastNotificationResponse: jest.fn(),
  dismissAllNotificationsAsync: jest.fn(async () => undefined),
  dismissNotificationAsync: jest.fn(async () => undefined),
  getExpoPushTokenAsync: jest.fn(async () => ({ type: "expo", data: "ExponentPushToken[abc]" })),
  getLastNotificationResponse: jest.fn(() => null),
  getPermissionsAsync: jest.fn(async () => ({ granted: false, canAskAgain: true })),
  requestPermissionsAsync: jest.fn(async () => ({ granted: true, canAskAgain: true })),
  setNotificationCategoryAsync: jest.fn(async () => undefined),
  setNotificationChannelAsync: jest.fn(async () => undefined),
  setNotificationHandler: jest.fn(),
  unregisterForNotificationsAsync: jest.fn(async () => undefined),
}));

const [question, approval] = fixtures.notifications.push.map((it) => PushNotification.parse(it));
if (!question || !approval) throw new Error("there are fewer examples than there were");

const TAP = phone.DEFAULT_ACTION_IDENTIFIER;
const response = (pushed: PushNotification, actionIdentifier: string, userText?: string) =>
  ({
    actionIdentifier,
    ...(userText === undefined ? {} : { userText }),
    notification: { request: { identifier: pushed.id, content: { data: { ...pushed } } } },
  }) as unknown as phone.NotificationResponse;

/** The app is open, and the phone tells it of a tap. */
async function hear(...responses: phone.NotificationResponse[]): Promise<Command[]> {
  const server = aServer();
  await renderIn(<NotificationsHost />, server.store);
  const listener = jest.mocked(phone.addNotificationResponseReceivedListener).mock.lastCall?.[0];
  for (const one of responses) await act(async () => listener?.(one));
  return server.asked;
}

/** It names what the notification was about when it was sent. */
const APPROVE = {
  type: "approve",
  taskId: approval.taskId,
  kind: "workflows",
  commit: "9f2c4f1d8c0a7e6b5d4c3b2a19080706050403ab",
};

beforeEach(() => jest.clearAllMocks());

test("a tap opens the card, and asks for nothing", async () => {
  expect(await hear(response(question, TAP))).toEqual([]);
  expect(router.navigate).toHaveBeenCalledWith(question.path);
});

test("a button gives its command to the outbox, once, and shows the card that says what becomes of it", async () => {
  const allow = response(approval, "allow");
  expect(await hear(allow, allow)).toEqual([APPROVE]);
  expect(router.navigate).toHaveBeenCalledTimes(1);
  expect(router.navigate).toHaveBeenCalledWith(approval.path);
});

test("what was typed below a question is its answer", async () => {
  expect(await hear(response(question, "reply", "half even"))).toEqual([
    { type: "answer", taskId: question.taskId, questionId: "toolu_01", answer: "half even" },
  ]);
});

test("denying says to the agent what the card says, and shows the card", async () => {
  expect(await hear(response(approval, "deny"))).toEqual([
    { type: "send_message", taskId: approval.taskId, text: strings.chat.denyMessage("") },
  ]);
  expect(router.navigate).toHaveBeenCalledWith(approval.path);
});

test("the tap that has started the app counts as well", async () => {
  jest.mocked(phone.getLastNotificationResponse).mockReturnValueOnce(response(approval, "allow"));
  expect(await hear(response(approval, "allow"))).toEqual([APPROVE]);
  expect(phone.clearLastNotificationResponse).toHaveBeenCalled();
});

test("the phone knows the buttons under the names that the server sends", async () => {
  await hear();
  const known = new Map(
    jest
      .mocked(phone.setNotificationCategoryAsync)
      .mock.calls.map(([id, actions]) => [id, actions.map(({ identifier }) => identifier)]),
  );
  expect([...known.keys()]).toEqual(["question", "approval", "budget"]);
  for (const pushed of [question, approval])
    for (const id of known.get(pushed.reason ?? "") ?? ["?"])
      expect(pushed.actions.map((action) => action.id)).toContain(id);
});

test("a phone that is locked is unlocked before a button does something", async () => {
  await hear();
  for (const [, actions] of jest.mocked(phone.setNotificationCategoryAsync).mock.calls)
    for (const { buttonTitle, options } of actions)
      expect([buttonTitle, options?.isAuthenticationRequired]).toEqual([buttonTitle, true]);
});

describe("the phone's channel", () => {
  const config = Constants.expoConfig as { extra?: object };
  const before = config.extra;
  afterEach(() => {
    config.extra = before;
  });

  test("is not there in a build without keys", async () => {
    config.extra = {};
    expect(await pushChannel.unable()).toBe("no-keys");
  });

  test("is an Expo device, by the keys of the build's own project", async () => {
    config.extra = { eas: { projectId: "p-1" } };
    expect(await pushChannel.unable()).toBeNull();
    expect([await pushChannel.permission(), await pushChannel.ask()]).toEqual(["undecided", "granted"]);
    expect(await pushChannel.subscribe(async () => "")).toEqual({
      channel: "expo",
      token: "ExponentPushToken[abc]",
    });
    expect(phone.getExpoPushTokenAsync).toHaveBeenCalledWith({ projectId: "p-1" });
    await pushChannel.end();
    expect(phone.dismissAllNotificationsAsync).toHaveBeenCalled();
    expect(phone.unregisterForNotificationsAsync).toHaveBeenCalled();
  });

  test("is denied where the phone will not ask again", async () => {
    jest
      .mocked(phone.getPermissionsAsync)
      .mockResolvedValueOnce({ granted: false, canAskAgain: false } as phone.NotificationPermissionsStatus);
    expect(await pushChannel.permission()).toBe("denied");
  });
});
