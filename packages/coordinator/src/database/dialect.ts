import type { Database, SQLQueryBindings } from "bun:sqlite";
import { type Dialect, type SqliteDatabase, SqliteDialect } from "kysely";

/** Lets Kysely's own SQLite dialect drive Bun's built-in SQLite. */
export function bunSqliteDialect(database: Database): Dialect {
  const adapter: SqliteDatabase = {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare<unknown, SQLQueryBindings[]>(sql);
      const bind = (parameters: readonly unknown[]) => parameters as SQLQueryBindings[];
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => statement.run(...bind(parameters)),
        iterate: (parameters) => statement.iterate(...bind(parameters)) as IterableIterator<unknown>,
      };
    },
  };
  return new SqliteDialect({ database: adapter });
}
