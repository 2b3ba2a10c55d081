import type { Assignment, Delta, InboxItem, NumberedWorkerEvent } from "@farhand/protocol";
import type { AttachmentKeeper } from "../domain/attachment.ts";
import type { ModelCallUse } from "../domain/budget.ts";
import type { OutputKeeper } from "../domain/output.ts";
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
  attachments: Pick<AttachmentKeeper, "openForTask">;
  outputs: Pick<OutputKeeper, "keep">;
  budgets: BudgetGate;
  vault: Pick<Vault, "modelUpstream" | "learn">;
  /** Most bytes that a task's repository may take, its old checkpoints among them; null for no limit. */
  repositoryMaxBytes: number | null;
  /** Ends the turn of an attempt whose events are refused from now on. */
  stopReporting(taskId: string): void;
  /** Cuts the server's and the user's secrets out of a text: the agent may print one that it was given. */
  scrub(userId: string, text: string): string;
  onError: (error: unknown) => void;
}) {
  /** Cuts out what the task's user and the server want nobody to read. */
  async function scrubberOf(taskId: string): Promise<(text: string) => string> {
    const task = await deps.tasks.get(taskId);
    if (!task) throw new Error(`task ${taskId} is not in the database`);
    await deps.vault.learn(task.userId, task.repository);
    return (text) => deps.scrub(task.userId, text);
  }

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

    async append({ taskId, attempt }: AttemptClaim, events: NumberedWorkerEvent[]) {
      const scrub = await scrubberOf(taskId);
      return await deps.log.appendFromWorker(taskId, attempt, scrubEvents(events, scrub));
    },

    async keepOutput({ taskId }: AttemptClaim, toolUseId: string, text: string) {
      const scrub = await scrubberOf(taskId);
      return await deps.outputs.keep(taskId, toolUseId, scrub(text));
    },

    reportedTooMuch: (claim: AttemptClaim) => deps.stopReporting(claim.taskId),

    delta: (claim: AttemptClaim, deltas: Delta[]) => deps.deltas.publish(claim.taskId, deltas),

    inbox: (claim: AttemptClaim, after: number, signal: AbortSignal): Promise<InboxItem[]> =>
      deps.inbox.read(claim.taskId, after, signal),

    take: (claim: AttemptClaim, after: number) => deps.messages.take(claim.taskId, claim.attempt, after),

    attachment: async (claim: AttemptClaim, id: string) =>
      (await deps.attachments.openForTask(claim.taskId, id))?.bytes ?? null,

    answer: (claim: AttemptClaim, questionId: string, signal: AbortSignal) =>
      waitForAnswer(deps, claim.taskId, questionId, signal),

    mayAsk: (claim: AttemptClaim, _model: string, signal: AbortSignal) => deps.budgets.mayAsk(claim, signal),

    async upstream(claim: AttemptClaim) {
      const task = await deps.tasks.get(claim.taskId);
      return task && deps.vault.modelUpstream(task.userId);
    },

    // An answer that was paid for must not be cut off because the database is locked just now.
    used: (claim: AttemptClaim, call: ModelCallUse) =>
      insist(() => deps.budgets.used(claim, call), deps.onError),

    async wantsEnd({ taskId }: AttemptClaim) {
      const task = await deps.tasks.get(taskId);
      if (!task || task.state === "cancelled" || task.state === "archived") return true;
      return (await deps.tasks.turns(taskId)).find(({ turn }) => turn === task.turn)?.stopping != null;
    },

    async repository(claim: AttemptClaim) {
      const task = await deps.tasks.get(claim.taskId);
      if (!task) throw new Error(`task ${claim.taskId} is not in the database`);
      const roomBytes = async () =>
        deps.repositoryMaxBytes === null
          ? Number.POSITIVE_INFINITY
          : deps.repositoryMaxBytes - (await deps.repositories.sizeBytes(claim.taskId));
      return {
        path: deps.repositories.taskPath(claim.taskId),
        branch: task.branch,
        turn: task.turn,
        roomBytes,
      };
    },
  };
}
