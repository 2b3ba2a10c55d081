import { Failure, Task, TaskState } from "@farhand/protocol";
import type { Kysely, Selectable, Updateable } from "kysely";
import type { TaskRecord } from "../domain/store.ts";
import type { Schema } from "./schema.ts";

type Row = Selectable<Schema["tasks"]>;

const Delay = Task.shape.delayedBy;
const Question = Task.shape.question;
const Reached = Task.shape.budgetReached;

export function toRecord(row: Row): TaskRecord {
  return {
    id: row.id,
    userId: row.user_id,
    state: TaskState.parse(row.state),
    repository: row.repository,
    forge: row.forge as Task["forge"],
    baseBranch: row.base_branch,
    baseCommit: row.base_commit,
    branch: row.branch,
    model: row.model,
    prompt: row.prompt,
    title: row.title,
    summary: row.summary,
    commit: row.commit_id,
    filesChanged: row.files_changed,
    pullRequestUrl: row.pull_request_url,
    attempt: row.attempt,
    turn: row.turn,
    forkedFrom: row.forked_task === null ? null : { taskId: row.forked_task, turn: row.forked_turn ?? 0 },
    delayedBy: row.delayed_by === null ? null : Delay.parse(JSON.parse(row.delayed_by)),
    diskBytes: row.disk_bytes,
    removed: row.removed === 1,
    revision: row.revision,
    losses: row.losses,
    workedMs: row.worked_ms,
    archivedAt: row.archived_at,
    lastSeq: row.last_seq,
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cacheCreationInputTokens: row.cache_creation_input_tokens,
      cacheReadInputTokens: row.cache_read_input_tokens,
    },
    costUsd: row.cost_usd,
    unpricedTokens: row.unpriced_tokens,
    budget: { maxUsd: row.budget_usd, maxTokens: row.budget_tokens },
    budgetReached: row.budget_reached === null ? null : Reached.parse(JSON.parse(row.budget_reached)),
    question: row.question === null ? null : Question.parse(JSON.parse(row.question)),
    failure: row.failure ? Failure.parse(JSON.parse(row.failure)) : null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const columns = {
  state: "state",
  baseBranch: "base_branch",
  title: "title",
  summary: "summary",
  commit: "commit_id",
  filesChanged: "files_changed",
  pullRequestUrl: "pull_request_url",
  attempt: "attempt",
  turn: "turn",
  revision: "revision",
  losses: "losses",
  archivedAt: "archived_at",
  costUsd: "cost_usd",
  unpricedTokens: "unpriced_tokens",
} as const satisfies Partial<Record<keyof TaskRecord, keyof Row>>;

/** A change of a task in the table's own columns. */
export function toColumns(patch: Partial<TaskRecord>): Updateable<Schema["tasks"]> {
  const row: Record<string, unknown> = {};
  for (const [field, column] of Object.entries(columns))
    if (field in patch) row[column] = patch[field as keyof typeof columns];
  if (patch.delayedBy !== undefined) row.delayed_by = patch.delayedBy && JSON.stringify(patch.delayedBy);
  if (patch.budgetReached !== undefined)
    row.budget_reached = patch.budgetReached && JSON.stringify(patch.budgetReached);
  if (patch.question !== undefined) row.question = patch.question && JSON.stringify(patch.question);
  if (patch.budget) {
    row.budget_usd = patch.budget.maxUsd;
    row.budget_tokens = patch.budget.maxTokens;
  }
  if (patch.forkedFrom) {
    row.forked_task = patch.forkedFrom.taskId;
    row.forked_turn = patch.forkedFrom.turn;
  }
  if (patch.diskBytes !== undefined) row.disk_bytes = patch.diskBytes;
  if (patch.removed !== undefined) row.removed = patch.removed ? 1 : 0;
  if (patch.failure !== undefined) row.failure = patch.failure && JSON.stringify(patch.failure);
  if (patch.usage) {
    row.input_tokens = patch.usage.inputTokens;
    row.output_tokens = patch.usage.outputTokens;
    row.cache_creation_input_tokens = patch.usage.cacheCreationInputTokens;
    row.cache_read_input_tokens = patch.usage.cacheReadInputTokens;
  }
  return row;
}

export async function record(connection: Kysely<Schema>, taskId: string): Promise<TaskRecord | null> {
  const row = await connection.selectFrom("tasks").selectAll().where("id", "=", taskId).executeTakeFirst();
  return row ? toRecord(row) : null;
}

export async function existing(connection: Kysely<Schema>, taskId: string): Promise<TaskRecord> {
  const task = await record(connection, taskId);
  if (!task) throw new Error(`task ${taskId} is not in the database`);
  return task;
}
