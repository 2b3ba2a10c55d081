import { ContentBlock, type TaskEvent } from "@farhand/protocol";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import { type ConversationLine, lineOf } from "../domain/conversation.ts";
import type { Schema } from "./schema.ts";

/** Adds what the event says to the model, and takes out what a retry or a roll-back leaves behind. */
export async function projectConversation(
  transaction: Transaction<Schema>,
  { taskId, body }: TaskEvent,
  turn: number,
): Promise<void> {
  if (body.type === "turn.started" && body.isRetry) await cut(transaction, taskId, body.turn);
  if (body.type === "task.rolled_back") await cut(transaction, taskId, body.turn + 1);
  const line = lineOf(body, turn);
  if (line) await addLines(transaction, taskId, [line]);
}

export async function addLines(
  transaction: Transaction<Schema>,
  taskId: string,
  lines: readonly ConversationLine[],
): Promise<void> {
  const last = await transaction
    .selectFrom("conversation")
    .select(({ fn }) => fn.max("position").as("position"))
    .where("task_id", "=", taskId)
    .executeTakeFirst();
  let position = last?.position ?? 0;
  for (const { turn, role, content } of lines) {
    position += 1;
    const row = { task_id: taskId, position, turn, role, content: JSON.stringify(content) };
    await transaction.insertInto("conversation").values(row).execute();
  }
}

async function cut(transaction: Transaction<Schema>, taskId: string, fromTurn: number): Promise<void> {
  await transaction
    .deleteFrom("conversation")
    .where("task_id", "=", taskId)
    .where("turn", ">=", fromTurn)
    .execute();
}

const Row = z
  .object({ turn: z.int(), role: z.enum(["user", "assistant"]), content: z.string() })
  .transform(({ turn, role, content }) => ({
    turn,
    role,
    content: z.array(ContentBlock).parse(JSON.parse(content)),
  }));

/** The task's lines in their order; of a long one, with `fromLastAnswer`, the last answer and what follows. */
export async function readLines(
  connection: Kysely<Schema>,
  taskId: string,
  options: { fromLastAnswer: boolean } = { fromLastAnswer: false },
): Promise<ConversationLine[]> {
  let query = connection
    .selectFrom("conversation")
    .select(["turn", "role", "content"])
    .where("task_id", "=", taskId)
    .orderBy("position");
  if (options.fromLastAnswer) {
    const answer = await connection
      .selectFrom("conversation")
      .select(({ fn }) => fn.max("position").as("position"))
      .where("task_id", "=", taskId)
      .where("role", "=", "assistant")
      .executeTakeFirst();
    if (!answer?.position) return [];
    query = query.where("position", ">=", answer.position);
  }
  return (await query.execute()).map((row) => Row.parse(row));
}
