/** Phones open apps without the network anyway. */
export function startServiceWorker(_onOpen: (path: string) => void): () => void {
  return () => undefined;
}
