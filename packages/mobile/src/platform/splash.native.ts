import { hideAsync, preventAutoHideAsync } from "expo-splash-screen";

// From the start on, until it is known what to show. Without it the splash goes by itself, a little early.
preventAutoHideAsync().catch(() => undefined);

/** There is something to see behind it. */
export function hideSplash(): void {
  hideAsync().catch(() => undefined);
}
