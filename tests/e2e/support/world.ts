import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@farhand/client";
import type { CreateTask, EventBody, Task, TaskEvent, TaskState } from "@farhand/protocol";
import {
  type ClaudeSimulator,
  type ClaudeSimulatorOptions,
  startClaudeSimulator,
} from "@farhand/simulators/claude";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { makeSampleRepository } from "@farhand/simulators/sample-repository";
import { type Coordinator, clientOf, startCoordinator } from "./coordinator.ts";

/** Secrets that no sandbox, log, event or database may show. */
export const CANARY = {
  modelKey: "sk-ant-canary-model-key-0123456789abcdef",
  githubToken: "ghp_canary0GitHub1Token2For3Tests4abcdef",
};

const ENDED: TaskState[] = ["idle", "failed", "cancelled"];

export interface World {
  folder: string;
  claude: ClaudeSimulator;
  github: GitHubSimulator;
  /** A repository with a failing test, on the GitHub simulator. */
  sample: Awaited<ReturnType<GitHubSimulator["addRepository"]>>;
  coordinator: Coordinator;
  client: Client;
  settings: Record<string, string>;
  create(task: Partial<CreateTask> & { prompt: string }): Promise<Task>;
  /** Waits until the task's turn has ended; with a seq, until one has ended after it. */
  ended(taskId: string, after?: number): Promise<Task>;
  /** Creates a task whose model plays the named scenario, and waits until it has ended. */
  play(scenario: string, task?: Partial<CreateTask>): Promise<Task>;
  /** Waits for an event that the test looks for, after a seq where one is given. */
  until(taskId: string, wanted: (body: EventBody) => boolean, after?: number): Promise<TaskEvent>;
  events(taskId: string): Promise<TaskEvent[]>;
  bodies<T extends EventBody["type"]>(taskId: string, type: T): Promise<Extract<EventBody, { type: T }>[]>;
  /** Starts the coordinator again on the same data, with other settings where given. */
  restart(change?: Record<string, string>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A whole system: simulators, a sample repository, and a real coordinator with real Docker workers. */
export async function openWorld(
  change: Record<string, string> = {},
  model: Pick<ClaudeSimulatorOptions, "scenario" | "delayFactor"> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "fh-e2e-"));
  const at = async (name: string) => {
    await mkdir(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const claude = await startClaudeSimulator({ apiKeys: [CANARY.modelKey], delayFactor: 0, ...model });
  const github = await startGitHubSimulator({
    tokens: { [CANARY.githubToken]: "octo" },
    root: await at("github"),
  });
  await makeSampleRepository(join(folder, "sample.git"));
  const sample = await github.addRepository("octo", "shop", join(folder, "sample.git"));
  const settings = {
    FARHAND_DATA: join(folder, "data"),
    FARHAND_ANTHROPIC_URL: claude.url,
    ANTHROPIC_API_KEY: CANARY.modelKey,
    FARHAND_GITHUB_URL: github.url,
    FARHAND_GITHUB_API_URL: github.apiUrl,
    FARHAND_GITHUB_TOKEN: CANARY.githubToken,
    // A sandbox ends with its turn, unless a test is about warm ones.
    FARHAND_WARM_SECONDS: "0",
    FARHAND_WORKER_BINARY: needed("FARHAND_WORKER_BINARY"),
    ...(change.FARHAND_SANDBOX === "process" ? {} : { FARHAND_WORKER_IMAGE: needed("FARHAND_WORKER_IMAGE") }),
    ...change,
  };
  const coordinator = await startCoordinator(settings);
  const world: World = {
    folder,
    claude,
    github,
    sample,
    coordinator,
    client: await clientOf(coordinator),
    settings,

    create: (task) => world.client.createTask({ repository: sample.cloneUrl, ...task }),

    async ended(taskId, after = 0) {
      await world.until(taskId, (body) => body.type === "state.changed" && ENDED.includes(body.to), after);
      return world.client.getTask(taskId);
    },

    async play(scenario, task = {}) {
      const { id } = await world.create({ prompt: `Do it. [scenario:${scenario}]`, ...task });
      return world.ended(id);
    },

    async until(taskId, wanted, after = 0) {
      for await (const item of world.client.follow(taskId, { after }))
        if (item.type === "event" && wanted(item.event.body)) return item.event;
      throw new Error(`the log of ${taskId} ended without the event`);
    },

    async events(taskId) {
      const all: TaskEvent[] = [];
      for (;;) {
        const { events, lastSeq } = await world.client.events(taskId, { after: all.length, limit: 1000 });
        all.push(...events);
        if (all.length >= lastSeq) return all;
      }
    },

    async bodies(taskId, type) {
      const bodies = (await world.events(taskId)).map(({ body }) => body);
      return bodies.filter((body): body is Extract<EventBody, { type: typeof type }> => body.type === type);
    },

    async restart(other = {}) {
      if (world.coordinator.process.exitCode === null) await world.coordinator.stop();
      world.coordinator = await startCoordinator({ ...settings, ...other });
      world.client = await clientOf(world.coordinator);
    },

    async [Symbol.asyncDispose]() {
      if (world.coordinator.process.exitCode === null) await world.coordinator.stop();
      await claude[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** Set by `./farhand test`, which builds the binary and the image first. */
export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with ./farhand test e2e`);
  return value;
}
