import type { Assignment, Delta, InboxItem, NumberedWorkerEvent } from "@farhand/protocol";
import type { MeteredUse } from "../domain/budget.ts";
import type { Repositories } from "../domain/ports.ts";
import type { AttemptStore, EventLog, Inbox, MessageStore, TaskStore } from "../domain/store.ts";
import type { Topic } from "../domain/topic.ts";
import type { Vault } from "../domain/vault.ts";
import type { Assignments } from "./assignments.ts";
import type { BudgetGate } from "./budgets.ts";
import { insist } from "./conclude.ts";
import { waitForAnswer } from "./question-calls.ts";
import { scrubEvents } from "./scrub-events.ts";

interface AttemptClaim {
  taskId: string;
  attempt: number;
}

/** The coordinator's side of the gateway: what a worker's calls do. The gateway has checked their shape. */
export function createWorkerCalls(deps: {
  tasks: TaskStore;
  attempts: AttemptStore;
  log: EventLog;
  inbox: Inbox;
  messages: MessageStore;
  deltas: Topic<Delta>;
  repositories: Repositories;
  assignments: Assignments;
  budgets: BudgetGate;
  vault: Pick<Vault, "modelUpstream">;
  /** Cuts known secrets out of a text: the agent may print one that it was given. */
  scrub(text: string): string;
  onError: (error: unknown) => void;
}) {
  return {
    async claim(taskId: string, token: string) {
      const found = await deps.attempts.verify(taskId, token);
      if (!found) return { status: "unknown" as const };
      if (!found.isCurrent) return { status: "stale" as const };
      const isResting = deps.assignments.isResting(taskId);
      return { status: "current" as const, claim: { taskId, attempt: found.attempt }, isResting };
    },

    assignment: (claim: AttemptClaim, after: number, signal: AbortSignal): Promise<Assignment> =>
      deps.assignments.wait(claim.taskId, after, signal),

    append: (claim: AttemptClaim, events: NumberedWorkerEvent[]) =>
      deps.log.appendFromWorker(claim.taskId, claim.attempt, scrubEvents(events, deps.scrub)),

    delta: (claim: AttemptClaim, deltas: Delta[]) => deps.deltas.publish(claim.taskId, deltas),

    inbox: (claim: AttemptClaim, after: number, signal: AbortSignal): Promise<InboxItem[]> =>
      deps.inbox.read(claim.taskId, after, signal),

    take: (claim: AttemptClaim, after: number) => deps.messages.take(claim.taskId, claim.attempt, after),

    answer: (claim: AttemptClaim, questionId: string, signal: AbortSignal) =>
      waitForAnswer(deps, claim.taskId, questionId, signal),

    mayAsk: (claim: AttemptClaim, _model: string, signal: AbortSignal) => deps.budgets.mayAsk(claim, signal),

    async upstream(claim: AttemptClaim) {
      const task = await deps.tasks.get(claim.taskId);
      return task && deps.vault.modelUpstream(task.userId);
    },

    // An answer that was paid for must not be cut off because the database is locked just now.
    used: (claim: AttemptClaim, model: string, usage: MeteredUse) =>
      insist(() => deps.budgets.used(claim, model, usage), deps.onError),

    async repository(claim: AttemptClaim) {
      const task = await deps.tasks.get(claim.taskId);
      if (!task) throw new Error(`task ${claim.taskId} is not in the database`);
      return { path: deps.repositories.taskPath(claim.taskId), branch: task.branch, turn: task.turn };
    },
  };
}
