import { Database } from "bun:sqlite";
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describeStore } from "../../test/store-conformance.ts";
import { type IndexedDb, openIndexedDbStore } from "./indexeddb-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSqlStore, type SqlDriver } from "./sql-store.ts";

describeStore("memory", { open: () => createMemoryStore(), persists: false });

const indexedDB = new IDBFactory() as unknown as IndexedDb;
describeStore("IndexedDB", {
  open: (name) => openIndexedDbStore(name, { indexedDB, IDBKeyRange }),
  persists: true,
});

const folder = mkdtempSync(join(tmpdir(), "farhand-store-"));
afterAll(() => rmSync(folder, { recursive: true }));
describeStore("SQL", { open: (name) => createSqlStore(bunDriver(join(folder, name))), persists: true });

function bunDriver(file: string): SqlDriver {
  const database = new Database(file);
  return {
    run: async (sql, params) => void database.query(sql).run(...params),
    all: async (sql, params) => database.query(sql).all(...params),
    close: async () => database.close(),
  };
}
