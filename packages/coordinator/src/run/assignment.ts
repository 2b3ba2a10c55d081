import { type Assignment, PROTOCOL_VERSION } from "@farhand/protocol";
import { assemble } from "../domain/conversation.ts";
import type { PreparedRepository, Repositories } from "../domain/ports.ts";
import type { EventLog, Inbox, MessageStore, TaskRecord } from "../domain/store.ts";

export interface AssignmentSource {
  log: EventLog;
  inbox: Inbox;
  messages: MessageStore;
  repositories: Repositories;
  limits: { toolTimeoutMs: number; modelRetries: number; checkpointMs: number };
}

/** All that a worker needs to go on with a task's turn, whoever has worked on it before. */
export async function makeAssignment(
  source: AssignmentSource,
  task: TaskRecord,
  attempt: number,
  base: PreparedRepository,
): Promise<Assignment> {
  const { log, inbox, messages, repositories, limits } = source;
  const inboxAfter = await inbox.last(task.id);
  const deliveredThrough = await messages.lastDelivered(task.id);
  const restore = await checkpointOf(repositories, task);
  await repositories.offerRestore(task.id, restore);
  const conversation = assemble(await log.conversation(task.id));
  // What has waited since before the turn has no signal behind `inboxAfter` yet.
  if ((await messages.waiting(task.id)).length > 0) await inbox.add(task.id, "messages");
  return {
    protocol: PROTOCOL_VERSION,
    taskId: task.id,
    attempt,
    turn: task.turn,
    repository: task.repository,
    model: task.model,
    messages: conversation,
    baseBranch: base.baseBranch,
    baseCommit: base.baseCommit,
    branch: task.branch,
    restore,
    inboxAfter,
    deliveredThrough,
    author: { name: "Farhand", email: "farhand@localhost" },
    limits: {
      maxOutputTokens: 16_384,
      maxModelCalls: 200,
      toolTimeoutMs: limits.toolTimeoutMs,
      toolOutputBytes: 32 * 1024,
      modelRetries: limits.modelRetries,
      checkpointMs: limits.checkpointMs,
    },
  };
}

/** The worker's own word names it, so it counts only where the commit has really arrived. */
async function checkpointOf(repositories: Repositories, task: TaskRecord): Promise<string | null> {
  if (task.revision && (await repositories.has(task.id, task.revision))) return task.revision;
  return null;
}
