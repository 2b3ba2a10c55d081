/**
 * Calls back when the page is seen again, or the network has come or gone: a good moment to look whether the connection lives.
 * @returns ends it
 */
export function onWakeUp(listener: () => void): () => void {
  const seen = () => {
    if (document.visibilityState === "visible") listener();
  };
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  window.addEventListener("pageshow", listener);
  return () => {
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
    window.removeEventListener("pageshow", listener);
  };
}
