import type { EventBody, TaskEvent } from "@farhand/protocol";
import type { Transaction } from "kysely";
import { project, triggerOf } from "../domain/projection.ts";
import { nextState } from "../domain/task-state.ts";
import { projectCosts } from "./costs.ts";
import { projectAttachments } from "./project-attachments.ts";
import { projectConversation } from "./project-conversation.ts";
import { projectMessages } from "./project-messages.ts";
import { projectNotices } from "./project-notices.ts";
import { projectQuestions } from "./project-questions.ts";
import { projectTurns } from "./project-turns.ts";
import type { Schema } from "./schema.ts";
import { toColumns, toRecord } from "./task-rows.ts";

export interface NewEvent {
  body: EventBody;
  at: string;
}

/**
 * The only way into the log: numbers the events, stores them, and brings all that follows from them up to date: the
 * task's columns, its turns, its people's messages and the conversation. All in the caller's transaction.
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
  let queuedAt = row.queued_at;
  const events: TaskEvent[] = [];
  const add = async (body: EventBody, at: string) => {
    const event = { taskId, seq: row.last_seq + events.length + 1, attempt, at, body };
    events.push(event);
    const revision = await projectTurns(transaction, event, task);
    task = { ...task, ...project(task, body, at), ...(revision === undefined ? {} : { revision }) };
    if (body.type === "state.changed" && body.to === "queued") queuedAt = at;
    await projectAttachments(transaction, event, task.userId);
    await projectMessages(transaction, event, task.turn);
    await projectQuestions(transaction, event, task.turn);
    await projectConversation(transaction, event, task.turn);
    await projectCosts(transaction, event, task.userId);
    await projectNotices(transaction, event, task);
  };
  for (const { body, at } of entries) {
    await add(body, at);
    const trigger = triggerOf(body);
    const to = trigger && nextState(task.state, trigger);
    if (to) await add({ type: "state.changed", from: task.state, to, failure: null }, at);
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
    .set({ ...toColumns(task), queued_at: queuedAt, last_seq: last.seq, updated_at: last.at })
    .where("id", "=", taskId)
    .execute();
  return events;
}
