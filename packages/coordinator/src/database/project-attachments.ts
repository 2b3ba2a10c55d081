import { AttachmentBlock, type TaskEvent } from "@farhand/protocol";
import type { Transaction } from "kysely";
import type { ConversationLine } from "../domain/conversation.ts";
import type { Schema } from "./schema.ts";

/** Keeps in step with the log which attachments a task names: those its worker may read, and nobody may remove. */
export async function projectAttachments(
  transaction: Transaction<Schema>,
  { taskId, body }: TaskEvent,
  userId: string,
): Promise<void> {
  switch (body.type) {
    case "turn.started":
    case "message.queued":
    case "user.message":
      return name(transaction, taskId, userId, body.attachments?.map(({ id }) => id) ?? []);
    case "task.removed":
      return release(transaction, taskId);
  }
}

/** Those of the lines that a forked task brings along. */
export const nameInLines = (
  transaction: Transaction<Schema>,
  taskId: string,
  userId: string,
  lines: readonly ConversationLine[],
): Promise<void> =>
  name(
    transaction,
    taskId,
    userId,
    lines.flatMap(({ content }) =>
      content.flatMap((block) => AttachmentBlock.safeParse(block).data?.id ?? []),
    ),
  );

async function name(
  transaction: Transaction<Schema>,
  taskId: string,
  userId: string,
  ids: readonly string[],
): Promise<void> {
  for (const id of new Set(ids))
    await transaction
      .insertInto("task_attachments")
      .values({ task_id: taskId, user_id: userId, attachment_id: id })
      .onConflict((conflict) => conflict.columns(["task_id", "attachment_id"]).doNothing())
      .execute();
}

async function release(transaction: Transaction<Schema>, taskId: string): Promise<void> {
  const rows = await transaction
    .deleteFrom("task_attachments")
    .where("task_id", "=", taskId)
    .returningAll()
    .execute();
  for (const row of rows)
    await transaction
      .updateTable("attachments")
      .set({ released: 1 })
      .where("user_id", "=", row.user_id)
      .where("id", "=", row.attachment_id)
      .execute();
}
