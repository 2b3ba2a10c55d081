import { Settings } from "@farhand/protocol";
import type { Kysely } from "kysely";
import type { SettingsStore } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

export function createSettingsStore(database: Kysely<Schema>, defaults: Settings): SettingsStore {
  async function get(userId: string): Promise<Settings> {
    const rows = await database
      .selectFrom("settings")
      .select(["key", "value"])
      .where("user_id", "=", userId)
      .execute();
    const stored = Object.fromEntries(rows.map((row) => [row.key, JSON.parse(row.value)]));
    return Settings.parse({ ...defaults, ...stored });
  }

  return {
    get,
    async update(userId, change) {
      for (const [key, value] of Object.entries(change))
        await database
          .insertInto("settings")
          .values({ user_id: userId, key, value: JSON.stringify(value) })
          .onConflict((conflict) =>
            conflict.columns(["user_id", "key"]).doUpdateSet({ value: JSON.stringify(value) }),
          )
          .execute();
      return get(userId);
    },
  };
}
