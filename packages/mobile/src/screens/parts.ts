import { part } from "../layout/part.ts";

/**
 * What the list of tasks does not need: it is drawn before they are there. Soon after, the page has brought them all, so that
 * nothing waits for them, and a page that stays open while its server gets a new version needs no file that is gone.
 */
export const taskScreens = part(() => import("./task/screens.ts"));
export const settingsScreens = part(() => import("./settings/screens.ts"));

/** Brings all of them. What does not come is asked for again when it is opened. */
export async function bringScreens(): Promise<void> {
  await Promise.allSettled([taskScreens.bring(), settingsScreens.bring()]);
}
