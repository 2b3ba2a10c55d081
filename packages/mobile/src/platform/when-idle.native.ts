/** Does it at once: on phones, what browsers put off is there already. */
export function whenIdle(work: () => void): () => void {
  work();
  return () => undefined;
}
