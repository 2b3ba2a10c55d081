export interface Key {
  key: string;
  hasShift: boolean;
  hasCommand: boolean;
  /** An input method is at work: Enter chooses a word. */
  isComposing: boolean;
}

/** What a key does in the composer; null where it types. On phones Enter begins a line, as their keyboards have no other. */
export function composerKey(key: Key, isWide: boolean): "send" | "leave" | null {
  if (key.isComposing) return null;
  if (key.key === "Escape") return "leave";
  if (key.key !== "Enter" || key.hasShift) return null;
  return isWide || key.hasCommand ? "send" : null;
}
