import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What agents have asked their users. */
export const questions: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`ALTER TABLE tasks ADD COLUMN question TEXT`.execute(database);
    await database.schema
      .createTable("questions")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("question_id", "text", (column) => column.notNull())
      .addColumn("turn", "integer", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("answer", "text")
      .addColumn("answer_id", "text")
      .addPrimaryKeyConstraint("questions_key", ["task_id", "question_id"])
      .execute();
  },
};
