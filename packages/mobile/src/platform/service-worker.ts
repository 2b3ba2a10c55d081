import { isPlace } from "../notifications/reaction.ts";

/**
 * Lets the browser open the app without the network and show what is pushed. Pages over plain http have no service
 * workers; the app works without.
 * @param onOpen for a notification that was tapped, with the path that it leads to
 * @returns ends it
 */
export function startServiceWorker(onOpen: (path: string) => void): () => void {
  const { serviceWorker } = navigator;
  if (!serviceWorker || __DEV__) return () => undefined;
  // A browser that refuses (private windows) is one without.
  serviceWorker.register("/sw.js").catch(() => undefined);
  const hear = ({ data }: MessageEvent) => {
    const { type, path } = (data ?? {}) as { type?: unknown; path?: unknown };
    if (type === "open" && isPlace(path)) onOpen(path);
  };
  serviceWorker.addEventListener("message", hear);
  return () => serviceWorker.removeEventListener("message", hear);
}
