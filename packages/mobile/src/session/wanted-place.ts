import { storage } from "../prefs/storage";

/** Signing in leads through other pages, so it is kept beside this one. */
const KEY = "farhand.wanted-place";
/** Who comes back later has forgotten the link. */
const HOLDS_MS = 15 * 60_000;
/** Places of the app that are worth coming back to. */
const PLACES = /^\/(task\/|new$|settings)/;

/** Somebody has to sign in before they see this: it is where signing in is to lead. */
export function wantPlace(path: string, nowMs = Date.now()): void {
  if (PLACES.test(path)) storage.set(KEY, JSON.stringify({ path, atMs: nowMs }));
}

/** Where they wanted to go, without forgetting it. */
export function wantedPlace(nowMs = Date.now()): string | null {
  try {
    const { path, atMs } = JSON.parse(storage.get(KEY) ?? "null") as { path: string; atMs: number };
    return PLACES.test(path) && nowMs - atMs < HOLDS_MS ? path : null;
  } catch {
    return null;
  }
}

export const forgetPlace = (): void => storage.set(KEY, null);
