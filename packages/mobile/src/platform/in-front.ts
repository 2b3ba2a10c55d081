/**
 * Calls back with whether this page is what its person sees: at once, and at each change.
 * @returns ends it
 */
export function onInFront(listener: (isInFront: boolean) => void): () => void {
  const look = () => listener(document.visibilityState === "visible");
  look();
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}
