import type { Attachment, TaskEvent } from "@farhand/protocol";
import type { Transaction } from "kysely";
import type { Schema } from "./schema.ts";

/** Keeps the table of people's messages in step with the log. */
export async function projectMessages(
  transaction: Transaction<Schema>,
  { taskId, body, at }: TaskEvent,
  turn: number,
): Promise<void> {
  const ofMessage = (messageId: string) =>
    transaction
      .updateTable("user_messages")
      .where("task_id", "=", taskId)
      .where("message_id", "=", messageId);
  switch (body.type) {
    case "turn.started":
      return put({ ...body, status: "delivered", opening: 1, position: 0 });
    case "message.queued":
      return put({ ...body, status: "waiting", opening: 0, position: (await highest("position")) + 1 });
    case "message.edited":
      return void (await ofMessage(body.messageId).set({ text: body.text }).execute());
    case "message.withdrawn":
      return void (await ofMessage(body.messageId).set({ status: "withdrawn" }).execute());
    case "messages.reordered": {
      const first = (await highest("position")) + 1;
      for (const [index, messageId] of body.messageIds.entries())
        await ofMessage(messageId)
          .set({ position: first + index })
          .execute();
      return;
    }
    case "user.message": {
      const delivery = (await highest("delivery")) + 1;
      await ofMessage(body.messageId).set({ status: "delivered", turn, delivery }).execute();
      return;
    }
  }

  async function highest(column: "position" | "delivery"): Promise<number> {
    const row = await transaction
      .selectFrom("user_messages")
      .select(({ fn }) => fn.max(column).as("value"))
      .where("task_id", "=", taskId)
      .executeTakeFirst();
    return row?.value ?? 0;
  }

  /** A message that comes again, as after a retry, is the same message in another place. */
  async function put(message: {
    messageId: string;
    text: string;
    attachments?: Attachment[] | undefined;
    status: string;
    opening: number;
    position: number;
  }): Promise<void> {
    const { messageId, text, status, opening, position } = message;
    const attachments = message.attachments ? JSON.stringify(message.attachments) : null;
    const place = { text, attachments, status, opening, position, turn, delivery: null };
    await transaction
      .insertInto("user_messages")
      .values({ task_id: taskId, message_id: messageId, created_at: at, ...place })
      .onConflict((conflict) => conflict.columns(["task_id", "message_id"]).doUpdateSet(place))
      .execute();
  }
}
