import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDatabase } from "./database-lock.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("nobody else writes while the database is locked, and anybody after", async () => {
  const path = join(folder, "agent.db");
  const other = new Database(path, { create: true });
  other.run("PRAGMA journal_mode = WAL");
  other.run("CREATE TABLE lines (text TEXT)");
  const release = Promise.withResolvers<void>();
  const locked = lockDatabase(path, release.promise);
  expect(() => other.run("INSERT INTO lines VALUES ('now')")).toThrow(/locked/);
  release.resolve();
  await locked;
  other.run("INSERT INTO lines VALUES ('then')");
  expect(other.query("SELECT text FROM lines").values()).toEqual([["then"]]);
  other.close();
});
