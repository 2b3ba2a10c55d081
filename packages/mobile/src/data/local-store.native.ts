import { createSqlStore, type LocalStore, oneTab, type Tabs } from "@farhand/client/app";
import { openDatabaseAsync, type SQLiteDatabase } from "expo-sqlite";

/** What this phone keeps of one account. */
export function openLocalStore(name: string): LocalStore {
  let opened: Promise<SQLiteDatabase> | null = null;
  const database = () => {
    opened ??= openDatabaseAsync(`farhand-${name}.db`, { useNewConnection: true });
    return opened;
  };
  return createSqlStore({
    run: async (sql, params) => void (await (await database()).runAsync(sql, params)),
    all: async (sql, params) => (await database()).getAllAsync(sql, params),
    close: async () => {
      if (opened) await (await opened).closeAsync();
    },
  });
}

export const openTabs = (_name: string, _local: LocalStore): Tabs => oneTab();
