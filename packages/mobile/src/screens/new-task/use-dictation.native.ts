import type { Dictation } from "./use-dictation.ts";

/** Phones' keyboards dictate into any field by themselves. */
export function useDictation(_onText: (text: string) => void, _onFailure: () => void): Dictation | null {
  return null;
}
