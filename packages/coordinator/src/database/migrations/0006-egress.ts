import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What sandboxes may reach: each user's default (the repository is empty there), and what holds for a repository. */
export const egress: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable("egress_policies")
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("repository", "text", (column) => column.notNull())
      .addColumn("mode", "text")
      .addColumn("hosts", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("egress_policies_key", ["user_id", "repository"])
      .execute();
    await schema
      .createTable("egress_refusals")
      .addColumn("task_id", "text", (column) => column.notNull().references("tasks.id"))
      .addColumn("turn", "integer", (column) => column.notNull())
      .addColumn("host", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("egress_refusals_key", ["task_id", "turn", "host"])
      .execute();
  },
};
