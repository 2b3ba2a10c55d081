import { setBackgroundColorAsync } from "expo-system-ui";
import type { Palette, Scheme } from "./tokens.ts";

/** What shows behind the app while it turns or its keyboard opens. */
export function applySystemColors(_scheme: Scheme, colors: Palette): void {
  // Only looks depend on it, and there is nobody to tell.
  setBackgroundColorAsync(colors.page).catch(() => undefined);
}
