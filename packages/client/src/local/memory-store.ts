import { checkKey, closed, createQueue, endOf, readOnly, textOf, valueIn } from "./keys.ts";
import type { ListQuery, LocalEntry, LocalStore, LocalTransaction } from "./local-store.ts";

/** JSON, or bytes as they are. */
type Kept = string | Uint8Array;

const given = (kept: Kept): unknown => (typeof kept === "string" ? valueIn(kept) : kept.slice());

/** Forgets everything with the program: for tests, and for browsers that let a page keep nothing. */
export function createMemoryStore(): LocalStore {
  let kept: ReadonlyMap<string, Kept> = new Map();
  let isClosed = false;
  const inTurn = createQueue();

  return {
    transaction: (mode, work) =>
      inTurn(async () => {
        if (isClosed) throw closed();
        const mine = mode === "write" ? new Map(kept) : kept;
        const result = await work(transactionOn(mine, mode === "write" ? (mine as Map<string, Kept>) : null));
        kept = mine;
        return result;
      }),
    close: async () => {
      isClosed = true;
    },
  };
}

function transactionOn(
  kept: ReadonlyMap<string, Kept>,
  writable: Map<string, Kept> | null,
): LocalTransaction {
  const target = () => {
    if (writable === null) throw readOnly();
    return writable;
  };
  const put = (key: string, value: unknown) => {
    checkKey(key);
    target().set(key, value instanceof Uint8Array ? value.slice() : textOf(value));
  };
  return {
    async get(key) {
      const value = kept.get(key);
      return value === undefined ? undefined : given(value);
    },
    put: async (key, value) => put(key, value),
    async putAll(entries) {
      for (const { key, value } of entries) put(key, value);
    },
    async delete(key) {
      target().delete(key);
    },
    async deletePrefix(prefix) {
      for (const key of [...target().keys()]) if (key.startsWith(prefix)) target().delete(key);
    },
    list: async (query) => listed(kept, query),
  };
}

function listed(kept: ReadonlyMap<string, Kept>, query: ListQuery): LocalEntry[] {
  const { prefix, after, limit, isReversed } = query;
  const keys = [...kept.keys()].filter(
    (key) => key >= prefix && key < endOf(prefix) && (after === undefined || key > after),
  );
  keys.sort((a, b) => (a < b ? -1 : 1));
  if (isReversed) keys.reverse();
  return keys.slice(0, limit).map((key) => ({ key, value: given(kept.get(key) ?? "null") }));
}
