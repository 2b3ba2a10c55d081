export interface LocalEntry {
  key: string;
  value: unknown;
}

export interface ListQuery {
  prefix: string;
  /** Only keys behind this one. */
  after?: string;
  limit?: number;
  /** From the last key backwards. */
  isReversed?: boolean;
}

/** Keys are printable ASCII and are listed in the order of their characters. Values are JSON, or a `Uint8Array` as a whole. */
export interface LocalTransaction {
  /** Undefined where there is nothing. */
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  /** The same for many at once, which a phone's SQLite does in a fraction of the time. */
  putAll(entries: readonly LocalEntry[]): Promise<void>;
  delete(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<void>;
  list(query: ListQuery): Promise<LocalEntry[]>;
}

/** What a device keeps: IndexedDB in browsers, SQLite on phones. */
export interface LocalStore {
  /**
   * All of what `work` writes is kept, or nothing where it throws. What it reads does not change meanwhile. In `work`
   * nothing but the transaction's own methods may be waited for: IndexedDB ends a transaction that has nothing to do.
   * A `read` transaction refuses to write.
   */
  transaction<T>(mode: "read" | "write", work: (tx: LocalTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
