import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ClaudeSimulator, startClaudeSimulator } from "@farhand/simulators/claude";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { makeSampleRepository } from "@farhand/simulators/sample-repository";
import { type Coordinator, startCoordinator } from "../e2e/support/coordinator.ts";
import { type Api, createApi } from "./api.ts";
import { type Cutter, startCutter } from "./cutter.ts";
import type { OwnEngine } from "./engine.ts";
import type { SmallDisk } from "./small-disk.ts";

const KEY = "sk-ant-faults-model-key-0123456789abcdef";
const TOKEN = "ghp_faults0GitHub1Token2For3Tests4abcdef0";
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 30_000;

/** What the suite keeps from round to round. */
export interface Ground {
  engine: OwnEngine;
  disk: SmallDisk;
  workerBinary: string;
  workerImage: string;
}

/** How a coordinator goes, and how the next one comes. */
export interface Restart {
  how: "kill" | "terminate";
  awayMs: number;
  clockShiftMs?: number;
}

/** A whole Farhand: a real coordinator on the small disk, the suite's engine, and the simulators. */
export class System implements AsyncDisposable {
  readonly ground: Ground;
  readonly dataDirectory: string;
  readonly claude: ClaudeSimulator;
  readonly github: GitHubSimulator;
  readonly sample: Awaited<ReturnType<GitHubSimulator["addRepository"]>>;
  readonly cutter: Cutter;
  /** What went wrong with the coordinator itself since the last look: it ended by itself, or did not start. */
  readonly troubles: string[] = [];
  #api: Api | null = null;
  #token = "";
  #coordinator: Coordinator | null = null;
  #logs: string[] = [];
  #clockShiftMs = 0;
  /** Starts and stops wait for one another. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    ground: Ground,
    dataDirectory: string,
    parts: Pick<System, "claude" | "github" | "sample" | "cutter">,
  ) {
    this.ground = ground;
    this.dataDirectory = dataDirectory;
    this.claude = parts.claude;
    this.github = parts.github;
    this.sample = parts.sample;
    this.cutter = parts.cutter;
  }

  /** @param folder an empty folder on the small disk, with a short path */
  static async open(ground: Ground, folder: string): Promise<System> {
    await mkdir(join(folder, "github"), { recursive: true });
    const claude = await startClaudeSimulator({ apiKeys: [KEY], delayFactor: 0 });
    const github = await startGitHubSimulator({ tokens: { [TOKEN]: "octo" }, root: join(folder, "github") });
    await makeSampleRepository(join(folder, "sample.git"));
    const sample = await github.addRepository("octo", "shop", join(folder, "sample.git"));
    const cutter = await startCutter();
    const system = new System(ground, join(folder, "data"), { claude, github, sample, cutter });
    await system.#start();
    return system;
  }

  get api(): Api {
    if (this.#api === null) throw new Error("the coordinator has not started yet");
    return this.#api;
  }

  get token(): string {
    return this.#token;
  }

  get databasePath(): string {
    return join(this.dataDirectory, "agent.db");
  }

  get clockShiftMs(): number {
    return this.#clockShiftMs;
  }

  /** What all coordinators have logged since the last call of `forgetLogs`. */
  logged(): string {
    return [...this.#logs, this.#coordinator?.logged() ?? ""].join("\n---- the next coordinator ----\n");
  }

  forgetLogs(): void {
    this.#logs = [];
    this.troubles.length = 0;
    this.api.differences.length = 0;
  }

  /** Ends the coordinator and starts the next one on the same data. */
  restart({ how, awayMs, clockShiftMs }: Restart): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end(how);
      if (clockShiftMs !== undefined) this.#clockShiftMs = clockShiftMs;
      await Bun.sleep(awayMs);
      await this.#start();
    });
  }

  /** As a service manager does: a coordinator that ended by itself is started again, which is a trouble. */
  ensureRuns(): Promise<void> {
    return this.#inTurn(async () => {
      const code = this.#coordinator?.process.exitCode;
      if (this.#coordinator !== null && code === null) return;
      this.troubles.push(`the coordinator ended by itself with ${code}`);
      await this.#end("kill");
      await this.#start();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(() => this.#end("terminate"));
    await this.cutter[Symbol.asyncDispose]();
    await this.claude[Symbol.asyncDispose]();
    await this.github[Symbol.asyncDispose]();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #end(how: Restart["how"]): Promise<void> {
    const coordinator = this.#coordinator;
    if (coordinator === null) return;
    this.#coordinator = null;
    if (how === "terminate" && coordinator.process.exitCode === null) {
      const code = await Promise.race([coordinator.stop(), Bun.sleep(STOP_LIMIT_MS)]);
      if (code === undefined) this.troubles.push("the coordinator does not end on SIGTERM");
      else if (code !== 0) this.troubles.push(`the coordinator ended with ${code} on SIGTERM`);
    }
    await coordinator.kill();
    this.#logs.push(coordinator.logged());
  }

  async #start(): Promise<void> {
    const giveUpAt = performance.now() + START_LIMIT_MS;
    for (;;) {
      const refusal = await this.#tryToStart();
      if (refusal === null) return;
      if (performance.now() > giveUpAt) throw new Error(`the coordinator does not start again: ${refusal}`);
      await Bun.sleep(200);
    }
  }

  /** Null when it listens, else why it does not. */
  async #tryToStart(): Promise<string | null> {
    let coordinator: Coordinator;
    try {
      coordinator = await startCoordinator(this.#settings());
    } catch (error) {
      // It may well be unable to start just now, on a full disk for instance, but then it has to say so.
      this.troubles.push(`the coordinator ended at its start: ${String(error).slice(0, 2000)}`);
      return String(error);
    }
    const { announcement } = coordinator;
    if (announcement.event === "failed") {
      await coordinator.process.exited;
      this.#logs.push(coordinator.logged());
      return announcement.message;
    }
    if (this.#api === null) {
      this.#token = (await Bun.file(announcement.tokenFile).text()).trim();
      this.#api = createApi(this.cutter.url, this.#token);
    }
    this.#coordinator = coordinator;
    this.cutter.lead(announcement.url);
    return null;
  }

  #settings(): Record<string, string> {
    const shifted = {
      BUN_OPTIONS: `--preload ${join(import.meta.dir, "clock.ts")}`,
      CLOCK_SHIFT_MS: String(this.#clockShiftMs),
    };
    return {
      ...(this.#clockShiftMs === 0 ? {} : shifted),
      DOCKER_HOST: `unix://${this.ground.engine.socketPath}`,
      FARHAND_DATA: this.dataDirectory,
      FARHAND_ANTHROPIC_URL: this.claude.url,
      ANTHROPIC_API_KEY: KEY,
      FARHAND_GITHUB_URL: this.github.url,
      FARHAND_GITHUB_API_URL: this.github.apiUrl,
      FARHAND_GITHUB_TOKEN: TOKEN,
      FARHAND_WORKER_BINARY: this.ground.workerBinary,
      FARHAND_WORKER_IMAGE: this.ground.workerImage,
      FARHAND_MAX_WORKERS: "3",
      FARHAND_WORKER_MEMORY_MIB: "512",
      // Workspaces would lie on the small disk too, and fill it before its time.
      FARHAND_WORKSPACE_MAX_MIB: "0",
      FARHAND_WARM_SECONDS: "1",
      FARHAND_CHECKPOINT_SECONDS: "1",
      FARHAND_MODEL_RETRIES: "50",
      FARHAND_ENGINE_AWAY_SECONDS: "20",
      FARHAND_LOG_LEVEL: "debug",
    };
  }
}
