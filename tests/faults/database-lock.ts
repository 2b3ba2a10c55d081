import { Database } from "bun:sqlite";

/** Takes the write lock of a database and keeps it until `until` settles. */
export async function lockDatabase(path: string, until: Promise<unknown>): Promise<void> {
  const database = new Database(path, { readwrite: true, create: false });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    database.run("BEGIN EXCLUSIVE");
    await until;
    database.run("ROLLBACK");
  } finally {
    database.close();
  }
}
