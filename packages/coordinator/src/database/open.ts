import { Database } from "bun:sqlite";
import { Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { failure } from "../domain/failure.ts";
import { bunSqliteDialect } from "./dialect.ts";
import { first } from "./migrations/0001-first.ts";
import { turns } from "./migrations/0002-turns.ts";
import { auth } from "./migrations/0003-auth.ts";
import { vault } from "./migrations/0004-vault.ts";
import { budget } from "./migrations/0005-budget.ts";
import { egress } from "./migrations/0006-egress.ts";
import { audit } from "./migrations/0007-audit.ts";
import { bearer } from "./migrations/0008-bearer.ts";
import { memberCaps } from "./migrations/0009-member-caps.ts";
import { questions } from "./migrations/0010-questions.ts";
import { notifications } from "./migrations/0011-notifications.ts";
import { attachments } from "./migrations/0012-attachments.ts";
import type { Schema } from "./schema.ts";

const migrations = {
  "0001-first": first,
  "0002-turns": turns,
  "0003-auth": auth,
  "0004-vault": vault,
  "0005-budget": budget,
  "0006-egress": egress,
  "0007-audit": audit,
  "0008-bearer": bearer,
  "0009-member-caps": memberCaps,
  "0010-questions": questions,
  "0011-notifications": notifications,
  "0012-attachments": attachments,
};

/** Names of the schema's migrations, in their order. */
export const knownMigrations = (): string[] => Object.keys(migrations);

/**
 * Opens the database file and brings its schema up to this program's.
 *
 * WAL lets readers go on while one writes. `synchronous=FULL` syncs the log at each commit: a worker counts an event
 * as safe once it is acknowledged, so an acknowledgement must survive a power cut. A batch of
 * events is one commit, which keeps that cheap.
 *
 * @throws FarhandError `conflict` when a newer Farhand has written the file
 */
export async function openDatabase(path: string): Promise<Kysely<Schema>> {
  const file = new Database(path, { create: true });
  // First of all: switching to WAL waits for nobody unless the time-out is set before. While nothing is served yet,
  // there is time to wait for a backup or whoever else holds the file.
  file.run("PRAGMA busy_timeout = 15000");
  file.run("PRAGMA journal_mode = WAL");
  file.run("PRAGMA synchronous = FULL");
  file.run("PRAGMA foreign_keys = ON");
  const database = new Kysely<Schema>({ dialect: bunSqliteDialect(file) });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
    // Those of two branches come together in another order than a database has met them in. None needs the other.
    allowUnorderedMigrations: true,
  });
  const unknown = storedMigrations(file).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    await database.destroy();
    throw failure(
      "conflict",
      `The data folder was written by a newer Farhand: it has schema ${unknown.at(-1)}, which this one does not know.`,
      "Start the newer version, or give this one another data folder with FARHAND_DATA.",
    );
  }
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await database.destroy();
    throw error;
  }
  return database;
}

function storedMigrations(file: Database): string[] {
  const table = file.query("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (!table) return [];
  const rows = file.query<{ name: string }, []>("SELECT name FROM kysely_migration ORDER BY name").all();
  return rows.map((row) => row.name);
}

/** From when requests are served on: a wait stops everything else, so it is short; what meets its end is tried again. */
export async function waitBriefly(database: Kysely<Schema>): Promise<void> {
  await sql`PRAGMA busy_timeout = 5000`.execute(database);
}
