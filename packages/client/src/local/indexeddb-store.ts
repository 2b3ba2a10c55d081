import { checkKey, closed, copyOf, endOf, readOnly } from "./keys.ts";
import type { LocalEntry, LocalStore, LocalTransaction } from "./local-store.ts";

/** The parts of IndexedDB that are used, so that nothing here needs a browser's types. */
interface Request<T> {
  result: T;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: ((event: { preventDefault(): void }) => void) | null;
}
interface Cursor {
  key: unknown;
  value: unknown;
  continue(): void;
}
interface ObjectStore {
  get(key: string): Request<unknown>;
  put(value: unknown, key: string): Request<unknown>;
  delete(key: unknown): Request<unknown>;
  getAll(range: unknown, limit?: number): Request<unknown[]>;
  getAllKeys(range: unknown, limit?: number): Request<unknown[]>;
  openCursor(range: unknown, direction: "prev"): Request<Cursor | null>;
}
interface Transaction {
  objectStore(name: string): ObjectStore;
  abort(): void;
  error: unknown;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: "readonly" | "readwrite", options?: { durability: "strict" }): Transaction;
  close(): void;
  onversionchange: (() => void) | null;
  onclose: (() => void) | null;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}
export interface IndexedDb {
  open(name: string, version: number): OpenRequest;
}
interface KeyRanges {
  bound(lower: string, upper: string, lowerOpen: boolean, upperOpen: boolean): unknown;
}

const STORE = "entries";

/** For browsers. The database is opened when it is first used, and again after the browser has closed it. */
export function openIndexedDbStore(
  name: string,
  engine = globalThis as unknown as { indexedDB: IndexedDb; IDBKeyRange: KeyRanges },
): LocalStore {
  let database: Promise<Database> | null = null;
  let isClosed = false;

  async function open(): Promise<Database> {
    if (isClosed) throw closed();
    database ??= opened(engine.indexedDB, name, () => {
      database = null;
    }).catch((error: unknown) => {
      database = null;
      throw error;
    });
    return database;
  }

  return {
    async transaction(mode, work) {
      const transaction = (await open()).transaction(
        STORE,
        mode === "write" ? "readwrite" : "readonly",
        // What was promised to be kept outlives the phone's battery.
        { durability: "strict" },
      );
      const ended = endOfTransaction(transaction);
      const tx = transactionOn(transaction.objectStore(STORE), engine.IDBKeyRange, mode === "write");
      try {
        const result = await work(tx);
        await ended;
        return result;
      } catch (error) {
        abort(transaction);
        await ended.catch(() => undefined);
        throw error;
      }
    },
    async close() {
      isClosed = true;
      const last = database;
      database = null;
      if (last !== null) (await last).close();
    },
  };
}

function opened(indexedDb: IndexedDb, name: string, onLost: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    const request = indexedDb.open(name, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another tab holds an older version of the store open"));
    request.onsuccess = () => {
      const database = request.result;
      // Another tab wants a newer version, or to delete it: whoever holds on blocks them for ever.
      database.onversionchange = () => {
        database.close();
        onLost();
      };
      database.onclose = onLost;
      resolve(database);
    };
  });
}

function transactionOn(store: ObjectStore, ranges: KeyRanges, canWrite: boolean): LocalTransaction {
  const check = () => {
    if (!canWrite) throw readOnly();
  };
  const below = (prefix: string, after?: string) => {
    const isInside = after !== undefined && after >= prefix;
    return ranges.bound(isInside ? after : prefix, endOf(prefix), isInside, true);
  };
  const put = async (key: string, value: unknown) => {
    check();
    checkKey(key);
    await answered(store.put(copyOf(value), key));
  };
  return {
    get: (key) => answered(store.get(key)),
    put,
    async putAll(entries) {
      await Promise.all(entries.map(({ key, value }) => put(key, value)));
    },
    async delete(key) {
      check();
      await answered(store.delete(key));
    },
    async deletePrefix(prefix) {
      check();
      await answered(store.delete(below(prefix)));
    },
    async list({ prefix, after, limit, isReversed }) {
      if (limit === 0 || (after !== undefined && after >= endOf(prefix))) return [];
      const range = below(prefix, after);
      if (isReversed) return backwards(store, range, limit ?? Number.POSITIVE_INFINITY);
      const [keys, values] = await Promise.all([
        answered(store.getAllKeys(range, limit)),
        answered(store.getAll(range, limit)),
      ]);
      return keys.map((key, index) => ({ key: String(key), value: values[index] }));
    },
  };
}

function answered<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function backwards(store: ObjectStore, range: unknown, limit: number): Promise<LocalEntry[]> {
  return new Promise((resolve, reject) => {
    const entries: LocalEntry[] = [];
    const request = store.openCursor(range, "prev");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null || entries.length >= limit) return resolve(entries);
      entries.push({ key: String(cursor.key), value: cursor.value });
      cursor.continue();
    };
  });
}

function endOfTransaction(transaction: Transaction): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
  });
  // Whoever waits for it hears of it; until then nobody may.
  ended.catch(() => undefined);
  return ended;
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch {
    // It is over already, and its end is waited for.
  }
}
