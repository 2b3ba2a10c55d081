import { Attachment, type EventBody, MessageId, type TaskEvent } from "@farhand/protocol";
import type { Kysely } from "kysely";
import { z } from "zod";
import { withAttachments } from "../domain/attachment.ts";
import type { Clock } from "../domain/ports.ts";
import type { MessageStore, UserMessage } from "../domain/store.ts";
import { appendEvents } from "./append.ts";
import type { PublishingEventLog } from "./events.ts";
import type { Schema } from "./schema.ts";

const Status = z.enum(["waiting", "delivered", "withdrawn"]);

/** What people have written to tasks, and its delivery. */
export function createMessageStore(
  database: Kysely<Schema>,
  log: PublishingEventLog,
  clock: Clock,
): MessageStore {
  return {
    async waiting(taskId) {
      const rows = await database
        .selectFrom("user_messages")
        .selectAll()
        .where("task_id", "=", taskId)
        .where("status", "=", "waiting")
        .orderBy("position")
        .execute();
      return rows.map((row) => ({
        messageId: MessageId.parse(row.message_id),
        text: row.text,
        createdAt: row.created_at,
        ...withAttachments(attachmentsIn(row.attachments)),
      }));
    },

    async take(taskId, attempt, after) {
      const taken = await database.transaction().execute(async (transaction) => {
        const owner = await transaction
          .selectFrom("attempts")
          .innerJoin("tasks", "tasks.id", "attempts.task_id")
          .select(["attempts.ended_at", "tasks.attempt as current"])
          .where("attempts.task_id", "=", taskId)
          .where("attempts.attempt", "=", attempt)
          .executeTakeFirst();
        // The fence again, in the transaction that delivers: a stale worker would take them to nowhere.
        if (!owner || owner.ended_at !== null || owner.current !== attempt) return null;
        const waiting = (await readMessages(transaction, taskId)).filter((m) => m.status === "waiting");
        const at = clock.now().toISOString();
        const entries = waiting.map(({ messageId, text, attachments }) => {
          const more = withAttachments(attachments);
          const body: EventBody = { type: "user.message", messageId, text, ...more };
          return { body, at };
        });
        const events: TaskEvent[] = await appendEvents(transaction, taskId, attempt, entries);
        const rows = await transaction
          .selectFrom("user_messages")
          .select(["delivery", "message_id", "text", "attachments"])
          .where("task_id", "=", taskId)
          .where("delivery", ">", after)
          .orderBy("delivery")
          .execute();
        const messages = rows.map((row) => ({
          n: row.delivery ?? 0,
          messageId: row.message_id,
          text: row.text,
          ...withAttachments(attachmentsIn(row.attachments)),
        }));
        return { messages, events };
      });
      if (!taken) return null;
      log.publish(taken.events);
      return taken.messages;
    },

    async lastDelivered(taskId) {
      const row = await database
        .selectFrom("user_messages")
        .select(({ fn }) => fn.max("delivery").as("delivery"))
        .where("task_id", "=", taskId)
        .executeTakeFirst();
      return row?.delivery ?? 0;
    },
  };
}

/** All messages of the task, in the order in which they wait or came. */
export async function readMessages(connection: Kysely<Schema>, taskId: string): Promise<UserMessage[]> {
  const rows = await connection
    .selectFrom("user_messages")
    .selectAll()
    .where("task_id", "=", taskId)
    .orderBy("position")
    .orderBy("created_at")
    .execute();
  return rows.map((row) => ({
    messageId: row.message_id,
    text: row.text,
    attachments: attachmentsIn(row.attachments),
    status: Status.parse(row.status),
    turn: row.turn,
    isOpening: row.opening === 1,
  }));
}

const Attachments = z.array(Attachment);

const attachmentsIn = (column: string | null) =>
  column === null ? [] : Attachments.parse(JSON.parse(column));
