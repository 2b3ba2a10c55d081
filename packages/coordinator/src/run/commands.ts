import type { ForgeKind } from "@farhand/protocol";
import { branchName } from "../domain/branch-name.ts";
import type { TaskCommands } from "../domain/commands.ts";
import { failure } from "../domain/failure.ts";
import type { Inbox, SettingsStore, TaskStore } from "../domain/store.ts";
import { hasSandbox } from "../domain/task-state.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Supervisor } from "./supervisor.ts";

export function createTaskCommands(deps: {
  tasks: TaskStore;
  settings: SettingsStore;
  inbox: Inbox;
  dispatcher: Dispatcher;
  supervisor: Supervisor;
  newTaskId: () => string;
  /** Checks what the user wrote; throws `FarhandError` when it names no repository that can be used. */
  resolveRepository: (input: string) => { repository: string; forge: ForgeKind };
}): TaskCommands {
  const { tasks } = deps;
  return {
    async create(userId, command) {
      const { repository, forge } = deps.resolveRepository(command.repository);
      const id = deps.newTaskId();
      const task = await tasks.create({
        id,
        userId,
        repository,
        forge,
        baseBranch: command.baseBranch ?? null,
        branch: branchName(id, command.prompt),
        model: command.model ?? (await deps.settings.get(userId)).defaultModel,
        prompt: command.prompt,
      });
      deps.dispatcher.poke();
      return task;
    },

    async cancel(task) {
      // In the queue there is nothing to stop. A task that is claimed at this very moment goes on below.
      const withdrawn = await tasks.move(task.id, "withdrawn", null);
      if (withdrawn) return withdrawn;
      const now = await tasks.get(task.id);
      if (!now || !hasSandbox(now.state))
        throw failure(
          "conflict",
          `The task is ${now?.state ?? "gone"}, so there is nothing to cancel.`,
          "Look at the task again: it has ended already.",
        );
      await deps.inbox.addCancel(task.id);
      deps.supervisor.stop(task.id, "cancelled");
      return now;
    },

    async sendMessage(task, text) {
      const queued = await deps.inbox.addMessage(task.id, text);
      if (!queued) {
        const state = (await tasks.get(task.id))?.state ?? "gone";
        throw failure(
          "conflict",
          `The task is ${state}: there is no agent at work that could read the message.`,
          "Create a new task for it.",
        );
      }
      return queued;
    },
  };
}
