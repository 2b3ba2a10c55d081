import type { EventBody, SpendingLimit } from "@farhand/protocol";
import { allTokens, partUsed, roundUsd } from "./budget.ts";
import type { TaskRecord } from "./store.ts";
import type { TaskTrigger } from "./task-state.ts";

/** The task's own columns as one event leaves them. Only what changes is named. */
export function project(
  task: Pick<
    TaskRecord,
    "question" | "usage" | "losses" | "costUsd" | "unpricedTokens" | "budgetReached" | "delayedBy"
  >,
  body: EventBody,
  at: string,
): Partial<TaskRecord> {
  switch (body.type) {
    case "task.created":
      return { forkedFrom: body.forkedFrom };
    case "turn.started":
      return { turn: body.turn, losses: 0, question: null };
    case "state.changed":
      return {
        state: body.to,
        failure: body.to === "failed" ? body.failure : null,
        delayedBy: null,
        // Without a sandbox, too, nothing but a higher limit lets it go on.
        ...(body.to === "waiting" || body.to === "queued" ? {} : { budgetReached: null }),
        // With a reason the sandbox was lost by itself; a coordinator that stops has none.
        ...(body.to === "queued" && body.failure ? { losses: task.losses + 1 } : {}),
        ...(body.to === "archived" ? { archivedAt: at } : {}),
      };
    case "attempt.started":
      return { attempt: body.attempt };
    case "repository.ready":
      return { baseBranch: body.baseBranch };
    case "checkpoint.saved":
    case "task.rolled_back":
      return { revision: body.commit };
    case "turn.finished":
      return { title: body.title, summary: body.summary };
    case "branch.published":
      return { commit: body.commit, filesChanged: body.filesChanged };
    case "pull_request.opened":
      return { pullRequestUrl: body.url };
    case "task.delayed":
      return { delayedBy: { code: body.code, message: body.message } };
    case "task.removed":
      return { removed: true, diskBytes: 0 };
    case "budget.changed":
      return { budget: { maxUsd: body.maxUsd, maxTokens: body.maxTokens }, ...raised(task, body) };
    case "budget.reached":
      return {
        budgetReached: {
          scope: body.scope,
          limit: body.limit,
          spent: body.spent,
          ...(body.isCap ? { isCap: body.isCap } : {}),
        },
      };
    case "question.asked": {
      const { questionId, question, options = [] } = body;
      return { question: { questionId, question, options } };
    }
    case "question.answered":
    case "question.closed":
      return task.question?.questionId === body.questionId ? { question: null } : {};
    case "model.used":
      return {
        costUsd: roundUsd(task.costUsd + (body.costUsd ?? 0)),
        unpricedTokens: task.unpricedTokens + (body.costUsd === null ? allTokens(body.usage) : 0),
        usage: {
          inputTokens: task.usage.inputTokens + body.usage.inputTokens,
          outputTokens: task.usage.outputTokens + body.usage.outputTokens,
          cacheCreationInputTokens: task.usage.cacheCreationInputTokens + body.usage.cacheCreationInputTokens,
          cacheReadInputTokens: task.usage.cacheReadInputTokens + body.usage.cacheReadInputTokens,
        },
      };
    default:
      return {};
  }
}

/** A task whose own limit was used up, and is not any more, waits for a sandbox alone. */
function raised(
  { budgetReached, delayedBy }: Pick<TaskRecord, "budgetReached" | "delayedBy">,
  limit: SpendingLimit,
): Partial<TaskRecord> {
  if (budgetReached?.scope !== "task" || partUsed({ limit, spent: budgetReached.spent }) >= 1) return {};
  return { budgetReached: null, ...(delayedBy?.code === "budget_reached" ? { delayedBy: null } : {}) };
}

/** The arrow that a worker's report takes by itself, in the same transaction as the report. */
export function triggerOf(body: EventBody): TaskTrigger | null {
  switch (body.type) {
    case "worker.ready":
      return "worker_ready";
    case "question.asked":
      return "asked";
    default:
      return null;
  }
}
