/** Something that changes, as React's `useSyncExternalStore` takes it: `getSnapshot` gives the same object until it does. */
export interface Observable<T> {
  /** @returns ends it */
  subscribe(listener: () => void): () => void;
  getSnapshot(): T;
}

export class Value<T> implements Observable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
    this.subscribe = this.subscribe.bind(this);
    this.getSnapshot = this.getSnapshot.bind(this);
  }

  subscribe(listener: () => void): () => void {
    // One function may be given twice, by two parts of a screen.
    const mine = () => listener();
    this.#listeners.add(mine);
    return () => void this.#listeners.delete(mine);
  }

  getSnapshot(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }
}
