/** A notification that was tapped, or one of its buttons. */
export interface Tap {
  pushed: unknown;
  actionId: string | null;
  text: string | null;
}

/** In browsers the service worker hears of taps, and says what to open. */
export const onTap =
  (_listener: (tap: Tap) => void): (() => void) =>
  () =>
    undefined;
