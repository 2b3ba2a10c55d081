import {
  AndroidImportance,
  addNotificationResponseReceivedListener,
  clearLastNotificationResponse,
  DEFAULT_ACTION_IDENTIFIER,
  dismissNotificationAsync,
  getLastNotificationResponse,
  type NotificationAction,
  type NotificationResponse,
  setNotificationCategoryAsync,
  setNotificationChannelAsync,
  setNotificationHandler,
} from "expo-notifications";
import { Platform } from "react-native";
import { strings } from "../strings/strings.ts";
import type { Tap } from "./taps.ts";

const { notifications: words } = strings;

/**
 * What the phone has to know before anything comes: the groups of buttons, under the names that the server sends, and
 * Android's channels, which people can silence one by one.
 */
async function prepare(): Promise<void> {
  setNotificationHandler({
    // The server sends nothing of a task that is in front here; another one is worth to be seen.
    handleNotification: async () => ({
      shouldShowBanner: true,
      shouldShowList: true,
      shouldPlaySound: true,
      shouldSetBadge: false,
    }),
  });
  if (Platform.OS === "android") {
    const { HIGH, DEFAULT } = AndroidImportance;
    await setNotificationChannelAsync("needs-you", { name: words.kinds["needs-you"], importance: HIGH });
    await setNotificationChannelAsync("finished", { name: words.kinds.finished, importance: DEFAULT });
    await setNotificationChannelAsync("failed", { name: words.kinds.failed, importance: HIGH });
    await setNotificationChannelAsync("test", { name: words.tests, importance: HIGH });
  }
  await setNotificationCategoryAsync("question", [REPLY]);
  await setNotificationCategoryAsync("approval", [ALLOW, DENY]);
  await setNotificationCategoryAsync("budget", [STOP]);
}

/** An app that is not running hears only of buttons that open it. A phone that is locked is unlocked first. */
const HEARD = { opensAppToForeground: true, isAuthenticationRequired: true };
const REPLY: NotificationAction = {
  identifier: "reply",
  buttonTitle: words.buttons.reply,
  textInput: { submitButtonTitle: words.buttons.send, placeholder: words.replyHint },
  options: HEARD,
};
const ALLOW: NotificationAction = { identifier: "allow", buttonTitle: words.buttons.allow, options: HEARD };
const DENY: NotificationAction = {
  identifier: "deny",
  buttonTitle: words.buttons.deny,
  options: { ...HEARD, isDestructive: true },
};
const STOP: NotificationAction = {
  identifier: "stop",
  buttonTitle: words.buttons.stop,
  options: { ...HEARD, isDestructive: true },
};

/**
 * Calls back for each tap, once: also for the one that has started the app.
 * @returns ends it
 */
export function onTap(listener: (tap: Tap) => Promise<void> | undefined): () => void {
  // A phone without it still shows what comes, without buttons.
  prepare().catch(() => undefined);
  const heard = new Set<string>();
  const hear = (response: NotificationResponse) => {
    const { notification, actionIdentifier, userText } = response;
    const { identifier, content } = notification.request;
    const key = `${identifier} ${actionIdentifier}`;
    if (heard.has(key)) return;
    heard.add(key);
    clearLastNotificationResponse();
    void dismissNotificationAsync(identifier).catch(() => undefined);
    const done = listener({
      pushed: content.data,
      actionId: actionIdentifier === DEFAULT_ACTION_IDENTIFIER ? null : actionIdentifier,
      text: userText ?? null,
    });
    // Whoever listens says what went wrong.
    done?.catch(() => undefined);
  };
  const first = getLastNotificationResponse();
  if (first) hear(first);
  const subscription = addNotificationResponseReceivedListener(hear);
  return () => subscription.remove();
}

/** A phone's taps go into the outbox at once. */
export async function forgetTaps(): Promise<void> {}
