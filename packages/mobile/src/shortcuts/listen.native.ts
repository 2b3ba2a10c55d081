import type { Shortcut } from "./keys.ts";

/** Phones are used with fingers; their external keyboards type. */
export function listen(_heard: (shortcut: Shortcut) => boolean): () => void {
  return () => undefined;
}
