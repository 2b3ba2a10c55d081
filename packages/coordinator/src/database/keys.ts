import { KeyCheck, KeyPurpose } from "@farhand/protocol";
import type { Kysely, Selectable } from "kysely";
import type { KeyRow, KeyStore, SecretRow } from "../domain/key-store.ts";
import type { Schema } from "./schema.ts";
import { placeOf } from "./sealed-texts.ts";

export function createKeyStore(database: Kysely<Schema>): KeyStore {
  return {
    async keys(userId) {
      const rows = await database
        .selectFrom("keys")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("purpose")
        .orderBy("slot")
        .execute();
      return rows.map(toKey);
    },

    async key(userId, purpose, slot) {
      const row = await database
        .selectFrom("keys")
        .selectAll()
        .where("user_id", "=", userId)
        .where("purpose", "=", purpose)
        .where("slot", "=", slot)
        .executeTakeFirst();
      return row ? toKey(row) : null;
    },

    async hasKey(purpose) {
      const row = await database
        .selectFrom("keys")
        .select("id")
        .where("purpose", "=", purpose)
        .executeTakeFirst();
      return row !== undefined;
    },

    async putKey(row) {
      const values = fromKey(row);
      await database
        .insertInto("keys")
        .values(values)
        .onConflict((conflict) => conflict.columns(["user_id", "purpose", "slot"]).doUpdateSet(values))
        .execute();
    },

    async setCheck(id, { check, checkedAt, checkMessage }) {
      await database
        .updateTable("keys")
        .set({ check_result: check, checked_at: checkedAt, check_message: checkMessage })
        .where("id", "=", id)
        .execute();
    },

    async removeKey(userId, id) {
      const { numDeletedRows } = await database
        .deleteFrom("keys")
        .where("user_id", "=", userId)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async secrets(userId, repository) {
      let query = database.selectFrom("repository_secrets").selectAll().where("user_id", "=", userId);
      if (repository !== null) query = query.where("repository", "=", repository);
      return (await query.orderBy("repository").orderBy("name").execute()).map(toSecret);
    },

    async putSecret(row) {
      const values = fromSecret(row);
      await database
        .insertInto("repository_secrets")
        .values(values)
        .onConflict((conflict) => conflict.columns(["user_id", "repository", "name"]).doUpdateSet(values))
        .execute();
    },

    async removeSecret(userId, repository, name) {
      const { numDeletedRows } = await database
        .deleteFrom("repository_secrets")
        .where("user_id", "=", userId)
        .where("repository", "=", repository)
        .where("name", "=", name)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    resealAll: (reseal) =>
      database.transaction().execute(async (transaction) => {
        const keys = await transaction.selectFrom("keys").selectAll().execute();
        for (const row of keys) {
          const { keyId, box } = reseal.key(toKey(row));
          await transaction
            .updateTable("keys")
            .set({ key_id: keyId, box })
            .where("id", "=", row.id)
            .execute();
        }
        const secrets = await transaction.selectFrom("repository_secrets").selectAll().execute();
        for (const row of secrets) {
          const { keyId, box } = reseal.secret(toSecret(row));
          await transaction
            .updateTable("repository_secrets")
            .set({ key_id: keyId, box })
            .where("user_id", "=", row.user_id)
            .where("repository", "=", row.repository)
            .where("name", "=", row.name)
            .execute();
        }
        const texts = await transaction.selectFrom("sealed_texts").selectAll().execute();
        for (const row of texts) {
          const { keyId, box } = reseal.text(placeOf(row), { keyId: row.key_id, box: row.box });
          await transaction
            .updateTable("sealed_texts")
            .set({ key_id: keyId, box })
            .where("user_id", "=", row.user_id)
            .where("purpose", "=", row.purpose)
            .where("subject", "=", row.subject)
            .execute();
        }
        return keys.length + secrets.length + texts.length;
      }),
  };
}

function toKey(row: Selectable<Schema["keys"]>): KeyRow {
  return {
    id: row.id,
    userId: row.user_id,
    purpose: KeyPurpose.parse(row.purpose),
    slot: row.slot,
    baseUrl: row.base_url,
    sealed: { keyId: row.key_id, box: row.box },
    lastFour: row.last_four,
    addedAt: row.added_at,
    check: KeyCheck.parse(row.check_result),
    checkedAt: row.checked_at,
    checkMessage: row.check_message,
    isBearer: row.bearer === 1,
  };
}

function fromKey(row: KeyRow): Schema["keys"] {
  return {
    id: row.id,
    user_id: row.userId,
    purpose: row.purpose,
    slot: row.slot,
    base_url: row.baseUrl,
    key_id: row.sealed.keyId,
    box: row.sealed.box,
    last_four: row.lastFour,
    added_at: row.addedAt,
    check_result: row.check,
    checked_at: row.checkedAt,
    check_message: row.checkMessage,
    bearer: row.isBearer ? 1 : 0,
  };
}

function toSecret(row: Selectable<Schema["repository_secrets"]>): SecretRow {
  return {
    userId: row.user_id,
    repository: row.repository,
    name: row.name,
    sealed: { keyId: row.key_id, box: row.box },
    isForAgent: row.for_agent === 1,
    lastFour: row.last_four,
    addedAt: row.added_at,
  };
}

function fromSecret(row: SecretRow): Schema["repository_secrets"] {
  return {
    user_id: row.userId,
    repository: row.repository,
    name: row.name,
    key_id: row.sealed.keyId,
    box: row.sealed.box,
    for_agent: row.isForAgent ? 1 : 0,
    last_four: row.lastFour,
    added_at: row.addedAt,
  };
}
