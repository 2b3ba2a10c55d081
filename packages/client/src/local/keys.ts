import { fromBase64, toBase64 } from "./base64.ts";

/** Keys are printable ASCII: every engine orders those alike. */
export function checkKey(key: string): void {
  if (!/^[\x20-\x7e]+$/.test(key))
    throw new TypeError(`not a key of printable ASCII: ${JSON.stringify(key)}`);
}

/** Behind every key that begins with the prefix: no key has a character beyond `~`. */
export const endOf = (prefix: string): string => `${prefix}\x7f`;

/** Refuses what is neither JSON nor bytes, as every engine should, and gives a copy that nobody else changes. */
export function copyOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice();
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("only JSON and bytes can be kept");
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

/** No JSON begins like this. */
const BYTES = "b64:";

/** A value as text, for engines that keep no bytes beside it. */
export function textOf(value: unknown): string {
  return value instanceof Uint8Array ? BYTES + toBase64(value) : JSON.stringify(copyOf(value));
}

export function valueIn(text: string): unknown {
  return text.startsWith(BYTES) ? fromBase64(text.slice(BYTES.length)) : JSON.parse(text);
}
