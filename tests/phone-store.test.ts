/**
 * What a phone keeps, through the app's own adapter. Its SQLite is Bun's here, in the form that Expo's has: the same engine,
 * without the phone.
 */
import { Database, type SQLQueryBindings } from "bun:sqlite";
import { afterAll, expect, mock, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalStore } from "../packages/client/src/local/local-store.ts";
import { describeStore } from "../packages/client/test/store-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "farhand-phone-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Databases that were opened and not closed again. */
let open = 0;

/** As strict as Expo's about a database that was closed, and as careful with one that is opened twice under a name. */
mock.module("expo-sqlite", () => ({
  async openDatabaseAsync(name: string, options: { useNewConnection?: boolean }) {
    if (!options.useNewConnection)
      throw new Error("a connection that is shared is closed under the other's feet");
    const database = new Database(join(folder, name));
    let isClosed = false;
    open += 1;
    const query = (sql: string) => {
      if (isClosed) throw new Error("the database is closed");
      return database.query<unknown, SQLQueryBindings[]>(sql);
    };
    return {
      runAsync: async (sql: string, params: SQLQueryBindings[]) => query(sql).run(...params),
      getAllAsync: async (sql: string, params: SQLQueryBindings[]) => query(sql).all(...params),
      async closeAsync() {
        if (isClosed) throw new Error("the database is closed");
        isClosed = true;
        open -= 1;
        database.close();
      },
    };
  },
}));

// By a name that the compiler does not follow: the app's types are those of another platform.
const adapter = join(import.meta.dir, "../packages/mobile/src/data/local-store.native.ts");
const { openLocalStore }: { openLocalStore: (name: string) => LocalStore } = await import(adapter);

describeStore("phone's", { open: openLocalStore, persists: true });

test("a phone opens nothing before something is asked for, and each account has a file of its own", async () => {
  const before = open;
  const [unused, used] = [openLocalStore("nobody"), openLocalStore("ada@example.com")];
  await used.transaction("write", (tx) => tx.put("a", 1));
  expect(open).toBe(before + 1);
  await unused.close();
  await used.close();
  expect(open).toBe(before);
  expect([
    existsSync(join(folder, "farhand-nobody.db")),
    existsSync(join(folder, "farhand-ada@example.com.db")),
  ]).toEqual([false, true]);
});
