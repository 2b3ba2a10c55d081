import { checkKey, closed, copyOf, createQueue, endOf, readOnly } from "./keys.ts";
import type { LocalStore, LocalTransaction } from "./local-store.ts";

export type SqlValue = string | number | null;

/** One connection to SQLite that nobody else uses: `bun:sqlite`'s and `expo-sqlite`'s both fit behind it. */
export interface SqlDriver {
  run(sql: string, params: SqlValue[]): Promise<void>;
  all(sql: string, params: SqlValue[]): Promise<unknown[]>;
  close(): Promise<void>;
}

/** For phones. The table is made when it is first used. */
export function createSqlStore(driver: SqlDriver): LocalStore {
  const inTurn = createQueue();
  let isReady = false;
  let isClosed = false;

  async function prepare(): Promise<void> {
    if (isReady) return;
    await driver.run(
      "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
      [],
    );
    isReady = true;
  }

  return {
    // SQLite has one transaction on a connection at a time.
    transaction: (mode, work) =>
      inTurn(async () => {
        if (isClosed) throw closed();
        await prepare();
        await driver.run(mode === "write" ? "BEGIN IMMEDIATE" : "BEGIN", []);
        try {
          const result = await work(transactionOn(driver, mode === "write"));
          await driver.run("COMMIT", []);
          return result;
        } catch (error) {
          await driver.run("ROLLBACK", []);
          throw error;
        }
      }),
    close: () =>
      inTurn(async () => {
        if (isClosed) return;
        isClosed = true;
        await driver.close();
      }),
  };
}

function transactionOn(driver: SqlDriver, canWrite: boolean): LocalTransaction {
  const write = (sql: string, params: SqlValue[]) => {
    if (!canWrite) throw readOnly();
    return driver.run(sql, params);
  };
  return {
    async get(key) {
      const [row] = await driver.all("SELECT value FROM entries WHERE key = ?", [key]);
      return row === undefined ? undefined : JSON.parse(column(row, "value"));
    },
    async put(key, value) {
      checkKey(key);
      const text = JSON.stringify(copyOf(value));
      await write(
        "INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, text],
      );
    },
    async delete(key) {
      await write("DELETE FROM entries WHERE key = ?", [key]);
    },
    async deletePrefix(prefix) {
      await write("DELETE FROM entries WHERE key >= ? AND key < ?", [prefix, endOf(prefix)]);
    },
    async list({ prefix, after, limit, isReversed }) {
      const rows = await driver.all(
        `SELECT key, value FROM entries WHERE key >= ? AND key < ? AND key > ? ORDER BY key ${isReversed ? "DESC" : "ASC"} LIMIT ?`,
        [prefix, endOf(prefix), after ?? "", limit ?? -1],
      );
      return rows.map((row) => ({ key: column(row, "key"), value: JSON.parse(column(row, "value")) }));
    },
  };
}

function column(row: unknown, name: string): string {
  return String((row as Record<string, unknown>)[name]);
}
