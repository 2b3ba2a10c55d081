import { DeviceChannel, DeviceKinds } from "@farhand/protocol";
import type { Kysely, Selectable } from "kysely";
import type { Device, DeviceStore } from "../domain/notification.ts";
import type { Schema } from "./schema.ts";

export function createDeviceStore(database: Kysely<Schema>): DeviceStore {
  return {
    async list(userId) {
      const rows = await database
        .selectFrom("devices")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("id")
        .execute();
      return rows.map(toDevice);
    },

    async get(deviceId) {
      const row = await database
        .selectFrom("devices")
        .selectAll()
        .where("id", "=", deviceId)
        .executeTakeFirst();
      return row ? toDevice(row) : null;
    },

    async byTarget(targetHash) {
      const row = await database
        .selectFrom("devices")
        .selectAll()
        .where("target_hash", "=", targetHash)
        .executeTakeFirst();
      return row ? toDevice(row) : null;
    },

    async put(device, targetHash) {
      const values = {
        id: device.id,
        user_id: device.userId,
        session_id: device.sessionId,
        channel: device.channel,
        label: device.label,
        host: device.host,
        kinds: JSON.stringify(device.kinds),
        target_hash: targetHash,
        added_at: device.addedAt,
        last_sent_at: device.lastSentAt,
        last_error: device.lastError,
      };
      await database
        .insertInto("devices")
        .values(values)
        .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
        .execute();
    },

    async change(deviceId, { label, kinds, lastSentAt, lastError }) {
      const values = {
        ...(label === undefined ? {} : { label }),
        ...(kinds === undefined ? {} : { kinds: JSON.stringify(kinds) }),
        ...(lastSentAt === undefined ? {} : { last_sent_at: lastSentAt }),
        ...(lastError === undefined ? {} : { last_error: lastError }),
      };
      if (Object.keys(values).length > 0)
        await database.updateTable("devices").set(values).where("id", "=", deviceId).execute();
    },

    remove: (deviceId) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom("deliveries")
          .where("device_id", "=", deviceId)
          .where("status", "=", "waiting")
          .execute();
        const { numDeletedRows } = await transaction
          .deleteFrom("devices")
          .where("id", "=", deviceId)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
  };
}

const toDevice = (row: Selectable<Schema["devices"]>): Device => ({
  id: row.id,
  userId: row.user_id,
  sessionId: row.session_id,
  channel: DeviceChannel.parse(row.channel),
  label: row.label,
  host: row.host,
  kinds: DeviceKinds.parse(JSON.parse(row.kinds)),
  addedAt: row.added_at,
  lastSentAt: row.last_sent_at,
  lastError: row.last_error,
});
