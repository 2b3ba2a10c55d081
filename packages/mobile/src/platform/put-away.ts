/**
 * Calls back when the page is hidden, which may be the last that it hears: a tab that is closed is told no more.
 * @returns ends it
 */
export function onPutAway(listener: () => void): () => void {
  const hidden = () => {
    if (document.visibilityState === "hidden") listener();
  };
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", listener);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", listener);
  };
}
