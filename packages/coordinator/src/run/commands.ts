import { createHash, randomBytes } from "node:crypto";
import { type ForgeKind, MessageId } from "@farhand/protocol";
import type { AttachmentKeeper } from "../domain/attachment.ts";
import { branchName } from "../domain/branch-name.ts";
import type { TaskCommands } from "../domain/commands.ts";
import { edit, reorder, send, withdraw } from "../domain/message-decisions.ts";
import { conflict } from "../domain/move.ts";
import type { Repositories } from "../domain/ports.ts";
import { answerQuestion } from "../domain/question-decisions.ts";
import type { EventLog, Inbox, SettingsStore, TaskRecord, TaskStore } from "../domain/store.ts";
import { hasSandbox } from "../domain/task-state.ts";
import { approve, archive, endEarly, forkFrom, retry, rollBack } from "../domain/turn-decisions.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Supervisor } from "./supervisor.ts";

export function createTaskCommands(deps: {
  tasks: TaskStore;
  log: EventLog;
  settings: SettingsStore;
  inbox: Inbox;
  repositories: Repositories;
  attachments: Pick<AttachmentKeeper, "named">;
  dispatcher: Dispatcher;
  supervisor: Supervisor;
  newTaskId: () => string;
  newMessageId: () => string;
  /** Checks what the user wrote; throws `FarhandError` when it names no repository that can be used. */
  resolveRepository: (input: string, userId: string) => Promise<{ repository: string; forge: ForgeKind }>;
}): TaskCommands {
  const { tasks, supervisor, dispatcher, inbox } = deps;

  /** Takes the turn out of the queue, or tells its worker to end it. */
  async function end(task: TaskRecord, how: "stop" | "cancel"): Promise<TaskRecord> {
    const now = await tasks.change(task.id, (facts) => endEarly(facts, how));
    if (!hasSandbox(now.state)) return now;
    await inbox.add(task.id, how);
    supervisor.stop(task.id, how === "stop" ? "stopped" : "cancelled");
    return now;
  }

  return {
    async create(userId, command, requestKey) {
      const attachments = await deps.attachments.named(userId, command.attachments);
      const { repository, forge } = await deps.resolveRepository(command.repository, userId);
      const id = deps.newTaskId();
      const { defaultModel, budgets } = await deps.settings.get(userId);
      const task = await tasks.create({
        id,
        userId,
        repository,
        forge,
        baseBranch: command.baseBranch ?? null,
        branch: branchName(id, command.prompt),
        model: command.model ?? defaultModel,
        prompt: command.prompt,
        messageId: deps.newMessageId(),
        attachments,
        requestKey,
        budget: command.budget ?? budgets.task,
        fork: null,
      });
      dispatcher.poke();
      return task;
    },

    async sendMessage(task, { text, attachments: ids }, requestKey) {
      const attachments = await deps.attachments.named(task.userId, ids);
      const messageId = MessageId.parse(
        requestKey ? `m_${idFromKey(task.id, requestKey)}` : deps.newMessageId(),
      );
      const now = await tasks.change(task.id, (facts) => send(facts, { messageId, text, attachments }));
      if (hasSandbox(now.state)) await inbox.add(task.id, "messages");
      dispatcher.poke();
      const opened = (await tasks.turns(task.id)).some((turn) => turn.messageId === messageId);
      return { messageId, status: opened ? "started" : "queued", turn: now.turn };
    },

    editMessage: async (task, messageId, text) =>
      void (await tasks.change(task.id, (facts) => edit(facts, messageId, text))),
    withdrawMessage: async (task, messageId) =>
      void (await tasks.change(task.id, (facts) => withdraw(facts, messageId))),
    reorderMessages: async (task, messageIds) =>
      void (await tasks.change(task.id, (facts) => reorder(facts, messageIds))),

    async answer(task, { questionId, answer }, requestKey) {
      const answerId = `a_${requestKey ? idFromKey(task.id, requestKey) : randomId()}`;
      const now = await tasks.change(task.id, (facts) =>
        answerQuestion(facts, { questionId, answer, answerId }),
      );
      // Where its sandbox was gone, the turn needs another one now.
      dispatcher.poke();
      return now;
    },

    stop: (task) => end(task, "stop"),
    cancel: (task) => end(task, "cancel"),

    async retry(task) {
      await supervisor.evict(task.id);
      const now = await tasks.change(task.id, retry);
      dispatcher.poke();
      return now;
    },

    async approve(task, kind, seen) {
      await supervisor.evict(task.id);
      const commit = await deps.repositories.tip(task.id, task.branch);
      if (commit === null) throw conflict("The task has no commit to publish.", "Look at the task again.");
      if (seen !== undefined && seen !== commit)
        throw conflict(
          "The work has changed since it was looked at.",
          "Look at the changes as they are now, and approve those.",
        );
      const now = await tasks.change(task.id, (facts) => approve(facts, kind, commit));
      dispatcher.poke();
      return now;
    },

    async archive(task) {
      const now = await tasks.change(task.id, archive);
      await supervisor.evict(task.id);
      return now;
    },

    async rollBack(task, turn) {
      // Its work tree would be another than the log says.
      await supervisor.evict(task.id);
      return tasks.change(task.id, (facts) => rollBack(facts, turn));
    },

    async fork(task, command, requestKey) {
      const made = requestKey && (await tasks.byRequestKey(task.userId, requestKey));
      if (made) return made;
      const attachments = await deps.attachments.named(task.userId, command.attachments);
      const lines = await deps.log.conversation(task.id);
      const from = forkFrom(await tasks.facts(task.id), command.turn ?? null, lines);
      const id = deps.newTaskId();
      const base = await deps.repositories.fork(task.id, id, from.commit);
      const fork = await tasks.create({
        id,
        userId: task.userId,
        repository: task.repository,
        forge: task.forge,
        baseBranch: base.baseBranch,
        branch: branchName(id, command.prompt),
        model: command.model ?? task.model,
        prompt: command.prompt,
        messageId: deps.newMessageId(),
        attachments,
        requestKey,
        budget: (await deps.settings.get(task.userId)).budgets.task,
        fork: {
          from: { taskId: task.id, turn: from.turn },
          baseCommit: base.baseCommit,
          revision: from.commit,
          lines: from.lines,
        },
      });
      dispatcher.poke();
      return fork;
    },
  };
}

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
const idOf = (bytes: Iterable<number>) =>
  [...bytes]
    .slice(0, 26)
    .map((byte) => LETTERS[byte & 31])
    .join("");

const randomId = () => idOf(randomBytes(26));

/**
 * What follows a prefix in an id that follows from the key of its request, so that a repeat is the same message, or the
 * same answer, even after a crash.
 */
function idFromKey(taskId: string, requestKey: string): string {
  const hash = createHash("sha256").update(`${taskId} ${requestKey}`).digest();
  return idOf(hash);
}
