import { composerKey } from "../chat/composer/composer-keys.ts";

interface KeyPress {
  /** In browsers the keyboard's own event. */
  nativeEvent: { key: string; ctrlKey?: boolean; metaKey?: boolean; isComposing?: boolean };
  preventDefault?: () => void;
}

/** Ctrl and Enter in a field of a sheet, where no shortcut of the page holds: it then types nothing. */
export function isSendKey(event: KeyPress): boolean {
  const { key, ctrlKey = false, metaKey = false, isComposing = false } = event.nativeEvent;
  const isSend =
    composerKey({ key, hasShift: false, hasCommand: ctrlKey || metaKey, isComposing }, false) === "send";
  if (isSend) event.preventDefault?.();
  return isSend;
}
