import type { TaskCommands } from "../src/domain/commands.ts";
import { failure } from "../src/domain/failure.ts";
import type { RepositoryLister } from "../src/domain/forge-list.ts";
import type { Repositories } from "../src/domain/ports.ts";
import { endEarly } from "../src/domain/turn-decisions.ts";
import { createApp, type Front } from "../src/http/app.ts";
import { newTask, type openStores } from "./stores.ts";

type Stores = Awaited<ReturnType<typeof openStores>>;

/** Every command is done, and nothing but a cancelled task follows from it: what is tested here stands before them. */
function doneCommands(stores: Stores): TaskCommands {
  const none = async () => undefined;
  return {
    create: async (userId, command, requestKey) => {
      const change = { userId, repository: command.repository, prompt: command.prompt, requestKey };
      return stores.tasks.create(newTask(++created, change));
    },
    sendMessage: async () => ({ messageId: `m_${"0".repeat(26)}`, status: "queued", turn: 1 }),
    editMessage: none,
    withdrawMessage: none,
    reorderMessages: none,
    stop: async (task) => task,
    cancel: async (task) => {
      if (task.prompt === "refuse") throw failure("conflict", "The task is idle.", "Nothing to do.");
      return stores.tasks.change(task.id, (facts) => endEarly(facts, "cancel"));
    },
    retry: async (task) => task,
    approve: async (task) => task,
    answer: async (task) => task,
    archive: async (task) => task,
    rollBack: async (task) => task,
    fork: async (task) => task,
  };
}
let created = 500;

/** The API over these stores, with commands that do nothing. */
export function appOver(stores: Stores, front: Front = {}) {
  return createApp(
    {
      version: "1.2.3",
      ...stores,
      repositories: {} as Repositories,
      lister: {} as RepositoryLister,
      commands: doneCommands(stores),
      readiness: async () => ({
        status: "ready",
        version: "1.2.3",
        protocol: 1,
        sandbox: { driver: "docker", isolated: true },
        checks: [],
      }),
      now: stores.clock.now,
      logger: { info: () => undefined, error: () => undefined },
    },
    front,
  );
}
