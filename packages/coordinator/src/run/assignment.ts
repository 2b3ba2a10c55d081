import { ASK_USER_TOOL, type Assignment, PROTOCOL_VERSION } from "@farhand/protocol";
import { assemble } from "../domain/conversation.ts";
import type { PreparedRepository, Repositories } from "../domain/ports.ts";
import type { EventLog, Inbox, MessageStore, TaskRecord } from "../domain/store.ts";
import type { Vault } from "../domain/vault.ts";

export interface AssignmentSource {
  log: EventLog;
  inbox: Inbox;
  messages: MessageStore;
  repositories: Repositories;
  vault: Pick<Vault, "repositorySecrets">;
  limits: { toolTimeoutMs: number; modelRetries: number; checkpointMs: number };
}

/** All that a worker needs to go on with a task's turn, whoever has worked on it before. */
export async function makeAssignment(
  source: AssignmentSource,
  task: TaskRecord,
  attempt: number,
  base: PreparedRepository,
  isNewSandbox: boolean,
): Promise<Assignment> {
  const { log, inbox, messages, repositories, limits } = source;
  const inboxAfter = await inbox.last(task.id);
  const deliveredThrough = await messages.lastDelivered(task.id);
  const restore = await checkpointOf(repositories, task);
  await repositories.offerRestore(task.id, restore);
  if (isNewSandbox) await tellLostSteps(log, task, attempt, restore);
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
    environment: await agentEnvironment(source.vault, task),
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

/**
 * Those of the repository's secrets that its user has switched on for the agent. From here on the agent can print them,
 * and the model reads what it prints: the switch says so.
 */
async function agentEnvironment(vault: AssignmentSource["vault"], task: TaskRecord) {
  const secrets = await vault.repositorySecrets(task.userId, task.repository);
  return Object.fromEntries(
    secrets.filter(({ isForAgent }) => isForAgent).map(({ name, value }) => [name, value]),
  );
}

/** The worker's own word names it, so it counts only where the commit has really arrived. */
async function checkpointOf(repositories: Repositories, task: TaskRecord): Promise<string | null> {
  if (task.revision && (await repositories.has(task.id, task.revision))) return task.revision;
  return null;
}

/** Tools that leave nothing in a sandbox. */
const WITHOUT_TRACE = new Set(["finish", ASK_USER_TOOL]);

const LOG_PAGE = 200;
/** Most steps that are named; the agent looks at the work tree anyway. */
const NAMED_STEPS = 30;

/**
 * Says so in the log, and with it to the agent, when this turn has finished tool calls that the checkpoint does not hold:
 * without it the agent would take for done what is gone with the sandbox.
 */
async function tellLostSteps(
  log: EventLog,
  task: TaskRecord,
  attempt: number,
  restore: string | null,
): Promise<void> {
  const lost: string[] = [];
  const finished = new Set<string>();
  for (let before = task.lastSeq + 1; before > 1; ) {
    const { events } = await log.readBefore(task.id, before, LOG_PAGE);
    for (const { body } of events.toReversed()) {
      if (
        body.type === "checkpoint.saved" ||
        body.type === "turn.started" ||
        body.type === "files.restored"
      ) {
        if (lost.length === 0) return;
        const named = lost.reverse().slice(-NAMED_STEPS);
        await log.append(task.id, attempt, [{ type: "files.restored", commit: restore, lost: named }]);
        return;
      }
      if (body.type === "tool.finished" && !body.isError && !WITHOUT_TRACE.has(body.name))
        finished.add(body.toolUseId);
      if (body.type === "tool.started" && finished.has(body.toolUseId)) lost.push(body.label);
    }
    before = events[0]?.seq ?? 1;
  }
}
