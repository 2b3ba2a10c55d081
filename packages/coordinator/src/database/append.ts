import { type EventBody, Message, type TaskEvent } from "@farhand/protocol";
import type { Transaction } from "kysely";
import { converse } from "../domain/conversation.ts";
import { project, triggerOf } from "../domain/projection.ts";
import { nextState } from "../domain/task-state.ts";
import type { Schema } from "./schema.ts";
import { toColumns, toRecord } from "./task-rows.ts";

export interface NewEvent {
  body: EventBody;
  at: string;
}

/**
 * The only way into the log: numbers the events, stores them, and brings the task's columns and the conversation
 * up to date, all in the caller's transaction.
 */
export async function appendEvents(
  transaction: Transaction<Schema>,
  taskId: string,
  attempt: number,
  entries: NewEvent[],
): Promise<TaskEvent[]> {
  const row = await transaction
    .selectFrom("tasks")
    .selectAll()
    .where("id", "=", taskId)
    .executeTakeFirstOrThrow();
  let task = toRecord(row);
  let seq = task.lastSeq;
  const events: TaskEvent[] = [];
  const add = (body: EventBody, at: string) => {
    seq += 1;
    events.push({ taskId, seq, attempt, at, body });
    task = { ...task, ...project(task, body) };
  };
  for (const { body, at } of entries) {
    add(body, at);
    const trigger = triggerOf(body);
    const to = trigger && nextState(task.state, trigger);
    if (to) add({ type: "state.changed", from: task.state, to, failure: null }, at);
  }
  const last = events.at(-1);
  if (!last) return [];
  await transaction
    .insertInto("events")
    .values(
      events.map((event) => ({
        task_id: taskId,
        seq: event.seq,
        attempt,
        at: event.at,
        type: event.body.type,
        body: JSON.stringify(event.body),
      })),
    )
    .execute();
  await transaction
    .updateTable("tasks")
    .set({ ...toColumns(task), last_seq: seq, updated_at: last.at })
    .where("id", "=", taskId)
    .execute();
  for (const event of events) await converseInto(transaction, event);
  return events;
}

async function converseInto(transaction: Transaction<Schema>, event: TaskEvent): Promise<void> {
  const { taskId, body, seq } = event;
  if (body.type === "user.message" && body.messageId)
    await transaction
      .updateTable("inbox")
      .set({ delivered: 1 })
      .where("task_id", "=", taskId)
      .where("message_id", "=", body.messageId)
      .execute();
  if (body.type !== "assistant.message" && body.type !== "user.message" && body.type !== "tool.finished")
    return;
  const row = await transaction
    .selectFrom("messages")
    .selectAll()
    .where("task_id", "=", taskId)
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  const step = converse(row ? parseMessage(row) : null, body);
  if (!step) return;
  const { role, content } = step.message;
  const values = { task_id: taskId, role, content: JSON.stringify(content), seq };
  if (step.isNew)
    await transaction
      .insertInto("messages")
      .values({ ...values, position: (row?.position ?? 0) + 1 })
      .execute();
  else
    await transaction
      .updateTable("messages")
      .set(values)
      .where("task_id", "=", taskId)
      .where("position", "=", row?.position ?? 0)
      .execute();
}

export function parseMessage(row: { role: string; content: string }): Message {
  return Message.parse({ role: row.role, content: JSON.parse(row.content) });
}
