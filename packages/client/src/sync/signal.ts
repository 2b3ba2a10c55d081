/** Something that happens, and who wants to hear of it. */
export class Signal<T> {
  readonly #listeners = new Set<(what: T) => void>();

  /** @returns ends it */
  readonly listen = (listener: (what: T) => void): (() => void) => {
    // One function may be given twice.
    const mine = (what: T) => listener(what);
    this.#listeners.add(mine);
    return () => void this.#listeners.delete(mine);
  };

  tell(what: T): void {
    for (const listener of [...this.#listeners]) listener(what);
  }
}
