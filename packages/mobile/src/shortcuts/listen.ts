import { type Shortcut, shortcutOf } from "./keys.ts";

/**
 * Hears shortcuts anywhere on the page. `heard` says whether it was of use: then the browser does nothing with it.
 * @returns ends it
 */
export function listen(heard: (shortcut: Shortcut) => boolean): () => void {
  const press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement | null;
    const isInField =
      target !== null &&
      (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)) &&
      (target as HTMLInputElement).type !== "checkbox";
    const shortcut = shortcutOf({
      key: event.key,
      hasCommand: event.ctrlKey || event.metaKey,
      hasAlt: event.altKey,
      isInField,
      isInDialog: document.querySelector('[role="dialog"]') !== null,
    });
    if (!shortcut || !heard(shortcut)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  // On the way down: fields keep their keys to themselves on the way up.
  window.addEventListener("keydown", press, true);
  return () => window.removeEventListener("keydown", press, true);
}
