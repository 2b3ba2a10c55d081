import { type Kysely, sql } from "kysely";
import type { AttachmentStore, StoredAttachment } from "../domain/attachment.ts";
import type { Clock } from "../domain/ports.ts";
import type { Schema } from "./schema.ts";

export function createAttachmentStore(database: Kysely<Schema>, clock: Clock): AttachmentStore {
  const at = () => clock.now().toISOString();

  async function find(connection: Kysely<Schema>, userId: string, id: string) {
    const row = await connection
      .selectFrom("attachments")
      .selectAll()
      .where("user_id", "=", userId)
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? stored(row) : null;
  }

  return {
    find: (userId, id) => find(database, userId, id),

    add: (attachment, maxBytes) =>
      database.transaction().execute(async (transaction) => {
        const { userId, id } = attachment;
        const known = await find(transaction, userId, id);
        if (known) {
          await transaction
            .updateTable("attachments")
            .set({ added_at: at() })
            .where("user_id", "=", userId)
            .where("id", "=", id)
            .execute();
          return known;
        }
        const held = await transaction
          .selectFrom("attachments")
          .select(({ fn }) => fn.sum<number | null>("size_bytes").as("bytes"))
          .where("user_id", "=", userId)
          .executeTakeFirst();
        if (maxBytes !== null && (held?.bytes ?? 0) + attachment.sizeBytes > maxBytes) return "full";
        await transaction
          .insertInto("attachments")
          .values({
            user_id: userId,
            id,
            name: attachment.name,
            media_type: attachment.mediaType,
            size_bytes: attachment.sizeBytes,
            sha256: attachment.sha256,
            file: attachment.file,
            added_at: at(),
            released: 0,
          })
          .execute();
        return attachment;
      }),

    async ofTask(taskId, id) {
      const row = await ofTask(database, taskId)
        .selectAll("attachments")
        .where("attachments.id", "=", id)
        .executeTakeFirst();
      return row ? stored(row) : null;
    },

    async bytesOfTask(taskId) {
      const row = await ofTask(database, taskId)
        .select(({ fn }) => fn.sum<number | null>("attachments.size_bytes").as("bytes"))
        .executeTakeFirst();
      return row?.bytes ?? 0;
    },

    async forget(before, limit) {
      const isNamed = sql<boolean>`EXISTS (SELECT 1 FROM task_attachments AS named
        WHERE named.user_id = attachments.user_id AND named.attachment_id = attachments.id)`;
      const rows = await database
        .deleteFrom("attachments")
        .where(
          sql<number>`attachments.rowid`,
          "in",
          database
            .selectFrom("attachments")
            .select(sql<number>`attachments.rowid`.as("rowid"))
            .where(sql<boolean>`NOT ${isNamed}`)
            .where((where) =>
              where.or([where("added_at", "<", before.toISOString()), where("released", "=", 1)]),
            )
            .limit(limit),
        )
        .returningAll()
        .execute();
      return rows.map(stored);
    },
  };
}

const ofTask = (connection: Kysely<Schema>, taskId: string) =>
  connection
    .selectFrom("task_attachments")
    .innerJoin("attachments", (join) =>
      join
        .onRef("attachments.user_id", "=", "task_attachments.user_id")
        .onRef("attachments.id", "=", "task_attachments.attachment_id"),
    )
    .where("task_attachments.task_id", "=", taskId);

function stored(row: Schema["attachments"]): StoredAttachment {
  return {
    userId: row.user_id,
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    file: row.file,
  };
}
