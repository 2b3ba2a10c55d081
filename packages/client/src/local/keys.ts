/** Keys are printable ASCII: every engine orders those alike. */
export function checkKey(key: string): void {
  if (!/^[\x20-\x7e]+$/.test(key))
    throw new TypeError(`not a key of printable ASCII: ${JSON.stringify(key)}`);
}

/** Behind every key that begins with the prefix: no key has a character beyond `~`. */
export const endOf = (prefix: string): string => `${prefix}\x7f`;

/** Refuses what is no JSON, as every engine should, and gives a copy that nobody else changes. */
export function copyOf(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("only JSON can be kept");
  return JSON.parse(text);
}

export const readOnly = (): Error => new Error("a read transaction does not write");

/** Lets one run after the other. */
export function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}

export const closed = (): Error => new Error("the store is closed");
