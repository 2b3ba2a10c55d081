/** Does it when the page has nothing else to do. @returns what takes it back */
export function whenIdle(work: () => void): () => void {
  // Safari has no such callback; by then a list is usually drawn.
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(work, 1_000);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 5_000 });
  return () => cancelIdleCallback(handle);
}
