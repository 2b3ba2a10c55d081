import { NeedReason, NotificationKind } from "@farhand/protocol";
import { type Kysely, type Selectable, sql } from "kysely";
import type { Delivery, DeliveryQueue, Notice } from "../domain/notification.ts";
import type { Schema } from "./schema.ts";

const Reason = NeedReason.nullable();

export function createDeliveryQueue(database: Kysely<Schema>): DeliveryQueue {
  return {
    async due(nowMs, limit) {
      const rows = await database
        .selectFrom("notices")
        .selectAll()
        .where("due_ms", "<=", nowMs)
        .orderBy("due_ms")
        .limit(limit)
        .execute();
      return rows.map(toNotice);
    },

    async history(deviceId, taskId, sinceMs) {
      const rows = await database
        .selectFrom("deliveries")
        .select(["kind", "subject", "settled_ms"])
        .where("device_id", "=", deviceId)
        .where("task_id", "=", taskId)
        .where("status", "=", "sent")
        .execute();
      return {
        count: rows.filter((row) => (row.settled_ms ?? 0) >= sinceMs).length,
        subjects: new Set(rows.map((row) => row.subject)),
      };
    },

    spread: (notice, deliveries, nowMs) =>
      database.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom("notices")
          .where("task_id", "=", notice.taskId)
          .where("seq", "=", notice.seq)
          .executeTakeFirst();
        if (numDeletedRows === 0n) return;
        for (const { id, deviceId } of deliveries) {
          await transaction
            .updateTable("deliveries")
            .set({ status: "dropped", settled_ms: nowMs, why: "a newer one has taken its place" })
            .where("device_id", "=", deviceId)
            .where("task_id", "=", notice.taskId)
            .where("status", "=", "waiting")
            .execute();
          await transaction
            .insertInto("deliveries")
            .values({
              id,
              user_id: notice.userId,
              device_id: deviceId,
              task_id: notice.taskId,
              kind: notice.kind,
              reason: notice.reason,
              subject: notice.subject,
              status: "waiting",
              attempts: 0,
              created_ms: nowMs,
              next_ms: nowMs,
            })
            .execute();
        }
      }),

    async claim(nowMs, leaseMs) {
      // One statement, so that one of two claimers gets it.
      const row = await database
        .updateTable("deliveries")
        .set((column) => ({ lease_until_ms: nowMs + leaseMs, attempts: column("attempts", "+", 1) }))
        .where("id", "=", (query) =>
          query
            .selectFrom("deliveries")
            .select("id")
            .where("status", "=", "waiting")
            .where("next_ms", "<=", nowMs)
            .where((where) =>
              where.or([where("lease_until_ms", "is", null), where("lease_until_ms", "<=", nowMs)]),
            )
            .orderBy("next_ms")
            .orderBy("id")
            .limit(1),
        )
        .returningAll()
        .executeTakeFirst();
      return row ? toDelivery(row) : null;
    },

    async settle(deliveryId, settlement, nowMs) {
      const { status } = settlement;
      const values =
        status === "retry"
          ? { next_ms: settlement.nextMs, why: settlement.why }
          : status === "sent"
            ? {
                status,
                settled_ms: nowMs,
                why: null,
                receipt_id: settlement.receipt?.id ?? null,
                receipt_ms: settlement.receipt?.dueMs ?? null,
              }
            : { status, settled_ms: nowMs, why: settlement.why };
      let query = database
        .updateTable("deliveries")
        .set({ ...values, lease_until_ms: null })
        .where("id", "=", deliveryId);
      // One that was given up meanwhile, but went out all the same, was sent.
      if (status !== "sent") query = query.where("status", "=", "waiting");
      await query.execute();
    },

    async release() {
      await database
        .updateTable("deliveries")
        .set({ lease_until_ms: null })
        .where("status", "=", "waiting")
        .execute();
    },

    async dueReceipts(nowMs, limit) {
      const rows = await database
        .selectFrom("deliveries")
        .select(["id", "device_id", "receipt_id", "settled_ms"])
        .where("receipt_ms", "<=", nowMs)
        .orderBy("receipt_ms")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        deliveryId: row.id,
        deviceId: row.device_id,
        receiptId: row.receipt_id ?? "",
        sentMs: row.settled_ms ?? 0,
      }));
    },

    async postponeReceipt(deliveryId, nextMs) {
      await database
        .updateTable("deliveries")
        .set({ receipt_ms: nextMs })
        .where("id", "=", deliveryId)
        .execute();
    },

    async forget(beforeMs) {
      await database
        .deleteFrom("deliveries")
        .where("status", "!=", "waiting")
        .where(sql<number>`coalesce(settled_ms, created_ms)`, "<", beforeMs)
        .execute();
    },
  };
}

const toNotice = (row: Selectable<Schema["notices"]>): Notice => ({
  taskId: row.task_id,
  userId: row.user_id,
  seq: row.seq,
  kind: NotificationKind.parse(row.kind),
  reason: Reason.parse(row.reason),
  subject: row.subject,
  dueMs: row.due_ms,
});

const toDelivery = (row: Selectable<Schema["deliveries"]>): Delivery => ({
  id: row.id,
  userId: row.user_id,
  deviceId: row.device_id,
  taskId: row.task_id,
  kind: NotificationKind.parse(row.kind),
  reason: Reason.parse(row.reason),
  subject: row.subject,
  createdMs: row.created_ms,
  attempts: row.attempts,
});
