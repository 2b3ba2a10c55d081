import { checkKey, closed, copyOf, createQueue, endOf, readOnly } from "./keys.ts";
import type { ListQuery, LocalEntry, LocalStore, LocalTransaction } from "./local-store.ts";

/** Forgets everything with the program: for tests, and for browsers that let a page keep nothing. */
export function createMemoryStore(): LocalStore {
  let kept: ReadonlyMap<string, string> = new Map();
  let isClosed = false;
  const inTurn = createQueue();

  return {
    transaction: (mode, work) =>
      inTurn(async () => {
        if (isClosed) throw closed();
        const mine = mode === "write" ? new Map(kept) : kept;
        const result = await work(
          transactionOn(mine, mode === "write" ? (mine as Map<string, string>) : null),
        );
        kept = mine;
        return result;
      }),
    close: async () => {
      isClosed = true;
    },
  };
}

function transactionOn(
  kept: ReadonlyMap<string, string>,
  writable: Map<string, string> | null,
): LocalTransaction {
  const target = () => {
    if (writable === null) throw readOnly();
    return writable;
  };
  const put = (key: string, value: unknown) => {
    checkKey(key);
    target().set(key, JSON.stringify(copyOf(value)));
  };
  return {
    async get(key) {
      const text = kept.get(key);
      return text === undefined ? undefined : JSON.parse(text);
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

function listed(kept: ReadonlyMap<string, string>, query: ListQuery): LocalEntry[] {
  const { prefix, after, limit, isReversed } = query;
  const keys = [...kept.keys()].filter(
    (key) => key >= prefix && key < endOf(prefix) && (after === undefined || key > after),
  );
  keys.sort((a, b) => (a < b ? -1 : 1));
  if (isReversed) keys.reverse();
  return keys.slice(0, limit).map((key) => ({ key, value: JSON.parse(kept.get(key) ?? "null") }));
}
