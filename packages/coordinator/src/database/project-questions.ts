import type { TaskEvent } from "@farhand/protocol";
import type { Kysely, Selectable, Transaction } from "kysely";
import { z } from "zod";
import type { QuestionRecord } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

const Status = z.enum(["open", "answered", "closed"]);

/** Keeps the table of the agent's questions in step with the log. */
export async function projectQuestions(
  transaction: Transaction<Schema>,
  { taskId, body }: TaskEvent,
  turn: number,
): Promise<void> {
  const ofQuestion = (questionId: string) =>
    transaction.updateTable("questions").where("task_id", "=", taskId).where("question_id", "=", questionId);
  switch (body.type) {
    case "question.asked": {
      const asked = { turn, status: "open", answer: null, answer_id: null };
      await transaction
        .insertInto("questions")
        .values({ task_id: taskId, question_id: body.questionId, ...asked })
        .onConflict((conflict) => conflict.columns(["task_id", "question_id"]).doUpdateSet(asked))
        .execute();
      return;
    }
    case "question.answered":
      await ofQuestion(body.questionId)
        .set({ status: "answered", answer: body.answer, answer_id: body.answerId })
        .execute();
      return;
    case "question.closed":
      await ofQuestion(body.questionId).set({ status: "closed" }).execute();
      return;
  }
}

export async function readQuestions(connection: Kysely<Schema>, taskId: string): Promise<QuestionRecord[]> {
  const rows = await connection
    .selectFrom("questions")
    .selectAll()
    .where("task_id", "=", taskId)
    .orderBy("turn")
    .orderBy("question_id")
    .execute();
  return rows.map(toQuestion);
}

export async function readQuestion(
  connection: Kysely<Schema>,
  taskId: string,
  questionId: string,
): Promise<QuestionRecord | null> {
  const row = await connection
    .selectFrom("questions")
    .selectAll()
    .where("task_id", "=", taskId)
    .where("question_id", "=", questionId)
    .executeTakeFirst();
  return row ? toQuestion(row) : null;
}

const toQuestion = (row: Selectable<Schema["questions"]>): QuestionRecord => ({
  questionId: row.question_id,
  turn: row.turn,
  status: Status.parse(row.status),
  answer: row.answer,
  answerId: row.answer_id,
});
