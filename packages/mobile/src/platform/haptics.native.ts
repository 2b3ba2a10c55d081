import { ImpactFeedbackStyle, impactAsync, NotificationFeedbackType, notificationAsync } from "expo-haptics";
import { getPreferences } from "../prefs/preferences.ts";
import type { Feel } from "./haptics.ts";

const KINDS = {
  "needs-you": NotificationFeedbackType.Warning,
  done: NotificationFeedbackType.Success,
  failed: NotificationFeedbackType.Error,
} as const;

/** Only for what is worth to be felt, and only where the person likes it. */
export function feel(what: Feel): void {
  if (!getPreferences().haptics) return;
  const felt = what === "sent" ? impactAsync(ImpactFeedbackStyle.Light) : notificationAsync(KINDS[what]);
  // A device that cannot vibrate is no failure.
  felt.catch(() => undefined);
}
