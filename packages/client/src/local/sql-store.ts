import { checkKey, closed, createQueue, endOf, readOnly, textOf, valueIn } from "./keys.ts";
import type { LocalEntry, LocalStore, LocalTransaction } from "./local-store.ts";

export type SqlValue = string | number | null;

/** One connection to SQLite that nobody else uses: `bun:sqlite`'s and `expo-sqlite`'s both fit behind it. */
export interface SqlDriver {
  run(sql: string, params: SqlValue[]): Promise<void>;
  all(sql: string, params: SqlValue[]): Promise<unknown[]>;
  close(): Promise<void>;
}

/** Each row is two of a statement's parameters, of which older SQLites take 999. */
const MOST_ROWS = 400;
/** A store that is just being closed may hold the file for a moment. */
const BUSY_MS = 5_000;

/** For phones. The table is made when it is first used. */
export function createSqlStore(driver: SqlDriver): LocalStore {
  const inTurn = createQueue();
  let isReady = false;
  let isClosed = false;

  async function prepare(): Promise<void> {
    if (isReady) return;
    await driver.all(`PRAGMA busy_timeout = ${BUSY_MS}`, []);
    // One sync to the disk for each transaction in place of several.
    await driver.all("PRAGMA journal_mode = WAL", []);
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
          // Of a full disk SQLite has rolled back by itself, and what went wrong first is what there is to tell.
          await driver.run("ROLLBACK", []).catch(() => undefined);
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
  const putAll = async (entries: readonly LocalEntry[]) => {
    for (let at = 0; at < entries.length; at += MOST_ROWS) {
      const some = entries.slice(at, at + MOST_ROWS);
      const params = some.flatMap(({ key, value }) => {
        checkKey(key);
        return [key, textOf(value)];
      });
      const rows = some.map(() => "(?, ?)").join(", ");
      await write(
        `INSERT INTO entries (key, value) VALUES ${rows} ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        params,
      );
    }
  };
  return {
    async get(key) {
      const [row] = await driver.all("SELECT value FROM entries WHERE key = ?", [key]);
      return row === undefined ? undefined : valueIn(column(row, "value"));
    },
    put: (key, value) => putAll([{ key, value }]),
    putAll,
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
      return rows.map((row) => ({ key: column(row, "key"), value: valueIn(column(row, "value")) }));
    },
  };
}

function column(row: unknown, name: string): string {
  return String((row as Record<string, unknown>)[name]);
}
