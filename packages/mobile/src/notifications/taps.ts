/** A notification that was tapped, or one of its buttons. */
export interface Tap {
  pushed: unknown;
  actionId: string | null;
  text: string | null;
  /** Where it was asked of the server already and nobody knows what became of it: under this key, at that time. */
  tried?: { key: string; atMs: number };
}

/** As `public/sw.js` calls it, which keeps there what nobody has heard. */
const TAPS = "farhand-taps";

/**
 * In browsers the service worker hears of taps, asks the server, and says what to open. Here come those that it could not
 * ask about for want of a network. One is let go of when the listener is done with it.
 * @returns ends it
 */
export function onTap(listener: (tap: Tap) => Promise<void> | undefined): () => void {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !("caches" in globalThis)) return () => undefined;
  const look = () => void take(listener).catch(() => undefined);
  // It says so when it has something to be opened.
  serviceWorker.addEventListener("message", look);
  look();
  return () => serviceWorker.removeEventListener("message", look);
}

async function take(listener: (tap: Tap) => Promise<void> | undefined): Promise<void> {
  if (!(await caches.has(TAPS))) return;
  const taps = await caches.open(TAPS);
  for (const request of await taps.keys()) {
    const kept: { key: string; at: number; pushed: unknown; actionId: string } | undefined = await (
      await taps.match(request)
    )?.json();
    if (!kept) continue;
    const { key, at, pushed, actionId } = kept;
    // Each by itself: one that cannot be kept, or is still asked about, holds up no other.
    void Promise.resolve(listener({ pushed, actionId, text: null, tried: { key, atMs: at } })).then(
      () => taps.delete(request),
      // Tried again when the app is next opened.
      () => undefined,
    );
  }
}

/** They are of whoever signs out. */
export async function forgetTaps(): Promise<void> {
  if ("caches" in globalThis) await caches.delete(TAPS);
}
