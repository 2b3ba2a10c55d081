import { Database } from "bun:sqlite";

/** How long a copy waits for a writer. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Copies the database as it is at one moment, also while a coordinator writes to it. The source is opened for reading
 * alone; the copy is one file without a journal.
 */
export function copyDatabase(from: string, to: string): void {
  using source = open(from);
  source.run("VACUUM INTO ?", [to]);
}

export interface DatabaseCheck {
  /** What SQLite found wrong, in its words; null for a sound database. */
  damage: string | null;
  /** Names of the migrations that it has been through, in their order. */
  migrations: string[];
}

/** Looks a database file through, without changing it. */
export function checkDatabase(path: string): DatabaseCheck {
  try {
    using database = open(path);
    const rows = database.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
    const found = rows.map((row) => row.integrity_check).join("; ");
    return { damage: found === "ok" ? null : found, migrations: migrationsOf(database) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "SQLiteError") throw error;
    return { damage: error.message, migrations: [] };
  }
}

/** Columns that hold commits of a task's repository. */
const COMMIT_COLUMNS = {
  tasks: { taskId: "id", commits: ["base_commit", "commit_id", "revision"] },
  turns: { taskId: "task_id", commits: ["start_revision", "end_revision"] },
};

/** Every commit that the rows of a task point to. Also of an older schema, which has fewer such columns. */
export function commitsOfTasks(path: string): Map<string, Set<string>> {
  using database = open(path);
  const found = new Map<string, Set<string>>();
  for (const [table, { taskId, commits }] of Object.entries(COMMIT_COLUMNS)) {
    const columns = database.query<{ name: string }, []>(`PRAGMA table_info(${table})`).all();
    for (const column of commits.filter((name) => columns.some((it) => it.name === name))) {
      const rows = database.query<{ task: string; revision: string }, []>(
        `SELECT ${taskId} AS task, ${column} AS revision FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      for (const { task, revision } of rows.iterate())
        found.set(task, (found.get(task) ?? new Set()).add(revision));
    }
  }
  return found;
}

function open(path: string): Database {
  const database = new Database(path, { readonly: true });
  database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}

function migrationsOf(database: Database): string[] {
  const table = database.query("SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (!table) return [];
  const rows = database.query<{ name: string }, []>("SELECT name FROM kysely_migration ORDER BY name").all();
  return rows.map((row) => row.name);
}
