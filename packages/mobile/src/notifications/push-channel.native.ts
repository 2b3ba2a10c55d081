import Constants from "expo-constants";
import {
  dismissAllNotificationsAsync,
  getExpoPushTokenAsync,
  getPermissionsAsync,
  type NotificationPermissionsStatus,
  requestPermissionsAsync,
  unregisterForNotificationsAsync,
} from "expo-notifications";
import type { Permission, PushChannel } from "./push-channel.ts";

/** Whoever makes a build of their own names the Expo project whose keys of Apple's and Google's services it uses. */
function projectId(): string | null {
  const extra = Constants.expoConfig?.extra as { eas?: { projectId?: string } } | undefined;
  return extra?.eas?.projectId || null;
}

async function target(): Promise<{ channel: "expo"; token: string }> {
  const { data } = await getExpoPushTokenAsync({ projectId: projectId() ?? "" });
  return { channel: "expo", token: data };
}

function permissionOf({ granted, canAskAgain }: NotificationPermissionsStatus): Permission {
  if (granted) return "granted";
  return canAskAgain ? "undecided" : "denied";
}

/** Expo's push service, which passes on to Apple's and Google's. */
export const pushChannel: PushChannel = {
  channel: "expo",
  unable: async () => (projectId() === null ? "no-keys" : null),
  permission: async () => permissionOf(await getPermissionsAsync()),
  ask: async () => permissionOf(await requestPermissionsAsync()),
  current: target,
  subscribe: target,
  async end() {
    await dismissAllNotificationsAsync();
    await unregisterForNotificationsAsync();
  },
};
