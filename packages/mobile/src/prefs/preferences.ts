import { Value } from "@farhand/client/app";
import { useSyncExternalStore } from "react";
import { storage } from "./storage";

export interface Template {
  title: string;
  prompt: string;
}

/** What this person likes on this device. It is never sent anywhere. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  haptics: boolean;
  /** Prompts that were kept to be used again. */
  templates: readonly Template[];
  review: ReviewPreferences;
  panes: PanePreferences;
  /** Long lines of files go on in the next line. Null: on narrow screens only. */
  wrapCode: boolean | null;
}

/** What stands beside a task on wide screens. */
export interface PanePreferences {
  isListHidden: boolean;
  areChangesHidden: boolean;
}

/** How diffs are shown. */
export interface ReviewPreferences {
  /** Before and after beside each other, where there is room. */
  isSplit: boolean;
  ignoreBlanks: boolean;
  showWhitespace: boolean;
}

const KEY = "farhand.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  haptics: true,
  templates: [],
  review: { isSplit: false, ignoreBlanks: false, showWhitespace: false },
  panes: { isListHidden: false, areChangesHidden: false },
  wrapCode: null,
};

function load(): Preferences {
  try {
    const kept: unknown = JSON.parse(storage.get(KEY) ?? "{}");
    return { ...DEFAULTS, ...(kept as Partial<Preferences>) };
  } catch {
    // What another version wrote and nobody can read any more.
    return DEFAULTS;
  }
}

const preferences = new Value<Preferences>(load());

export const usePreferences = (): Preferences =>
  useSyncExternalStore(preferences.subscribe, preferences.getSnapshot, preferences.getSnapshot);

export const getPreferences = (): Preferences => preferences.getSnapshot();

export function setPreferences(change: Partial<Preferences>): void {
  const now = { ...preferences.getSnapshot(), ...change };
  preferences.set(now);
  storage.set(KEY, JSON.stringify(now));
}
