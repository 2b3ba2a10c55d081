import type { Kysely, Selectable } from "kysely";
import type { SealedTextStore, TextPlace } from "../domain/key-store.ts";
import type { Schema } from "./schema.ts";

export function createSealedTextStore(database: Kysely<Schema>): SealedTextStore {
  return {
    async get({ userId, purpose, subject }) {
      const row = await database
        .selectFrom("sealed_texts")
        .selectAll()
        .where("user_id", "=", userId)
        .where("purpose", "=", purpose)
        .where("subject", "=", subject)
        .executeTakeFirst();
      return row ? { keyId: row.key_id, box: row.box } : null;
    },

    async put(place, { keyId, box }) {
      const sealed = { key_id: keyId, box };
      await database
        .insertInto("sealed_texts")
        .values({ ...columnsOf(place), ...sealed })
        .onConflict((conflict) => conflict.columns(["user_id", "purpose", "subject"]).doUpdateSet(sealed))
        .execute();
    },

    async remove({ userId, purpose, subject }) {
      await database
        .deleteFrom("sealed_texts")
        .where("user_id", "=", userId)
        .where("purpose", "=", purpose)
        .where("subject", "=", subject)
        .execute();
    },
  };
}

export const columnsOf = ({ userId, purpose, subject }: TextPlace) => ({ user_id: userId, purpose, subject });

export const placeOf = (row: Selectable<Schema["sealed_texts"]>): TextPlace => ({
  userId: row.user_id,
  purpose: row.purpose,
  subject: row.subject,
});
