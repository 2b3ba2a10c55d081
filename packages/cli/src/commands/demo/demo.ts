import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@farhand/client";
import type { Task } from "@farhand/protocol";
import { startCoordinator } from "../../server/coordinator-process.ts";
import { ONE_SHOT_SETTINGS, readToken, withoutSettings } from "../../server/server-settings.ts";
import { type Simulators, startSimulators } from "../../server/simulator-process.ts";
import { findContainers } from "../../setup/task-containers.ts";
import { safeText } from "../../terminal/safe-text.ts";
import { runStep } from "../../terminal/steps.ts";
import { TaskView } from "../../terminal/task-view.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { isAtRest } from "../../terminal/transcript.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { InterruptedError, orAborted, stopSignal } from "../interrupts.ts";
import { webAppIfBuilt } from "../prepare-web-app.ts";
import { type Engine, prepareWorkers } from "../prepare-workers.ts";
import { proveBranch } from "./branch-proof.ts";
import { CheckFailedError } from "./check-failed-error.ts";
import { type Timings, TimingsRecorder } from "./timings.ts";

const SCENARIO = "fix-failing-test";
const PROMPT =
  "The tests of this project fail. Find out why, mend the code rather than the test, and run the tests again to be sure.";

const COORDINATOR_LOG = "coordinator.log";
const SIMULATORS_LOG = "simulators.log";
const MOST_LOG_LINES = 20;
/** How long after the turn the sandbox may still be there. */
const SANDBOX_END_MS = 20_000;

export interface DemoOptions {
  /** Leave the server running until Ctrl-C, to look around. */
  keep: boolean;
}

/**
 * The main job with nothing configured: real coordinator, sandbox and git, with stand-ins for Claude and GitHub.
 * What it claims is checked, and what it made is removed. @returns the exit code
 */
export async function demo(
  context: CommandContext,
  terminal: Terminal,
  options: DemoOptions,
): Promise<number> {
  using stop = stopSignal();
  const { signal } = stop;
  await using resources = new AsyncDisposableStack();

  const startedAtMs = performance.now();
  terminal.screen.print(["", `  ${terminal.colors.bold("Farhand demo")}`, ""]);
  const workers = await orAborted(
    prepareWorkers(context, terminal, { withoutDocker: "use-process" }),
    signal,
  );
  const folder = await temporaryFolder("farhand-demo-", resources);
  try {
    const servers = await startServers(context, terminal, {
      folder,
      workerEnv: workers.env,
      resources,
      signal,
    });
    const setupMs = Math.round(performance.now() - startedAtMs);
    await doTheMainJob(terminal, servers, { setupMs, docker: workers.docker, resources, signal });
    if (options.keep) await keepRunning(terminal, servers.client.baseUrl, servers.tokenFile, signal);
    return ExitCode.ok;
  } catch (error) {
    if (error instanceof InterruptedError) terminal.screen.print(["", "  Cleaning up …"]);
    else await showLogs(terminal, folder);
    throw error;
  }
}

interface Servers {
  simulators: Simulators;
  client: Client;
  tokenFile: string;
}

/** One task from its prompt to a pull request, and the proof that it is what it claims to be. */
async function doTheMainJob(
  terminal: Terminal,
  { simulators, client }: Servers,
  options: { setupMs: number; docker: Engine | null; resources: AsyncDisposableStack; signal: AbortSignal },
): Promise<void> {
  const { task, timings } = await watchTask(client, terminal, simulators, options.signal);
  await checkBranch(terminal, simulators, task, options);
  await checkContainers(terminal, options.docker, task);
  terminal.screen.print([""]);
  terminal.json?.({
    result: task.state,
    taskId: task.id,
    branch: task.branch,
    pullRequestUrl: task.pullRequestUrl,
    filesChanged: task.filesChanged,
    containerRemoved: true,
    timingsMs: { setup: options.setupMs, ...timings },
  });
}

async function startServers(
  context: CommandContext,
  terminal: Terminal,
  options: {
    folder: string;
    workerEnv: Record<string, string>;
    resources: AsyncDisposableStack;
    signal: AbortSignal;
  },
): Promise<Servers> {
  const { root, env } = context;
  const { folder, workerEnv, resources, signal } = options;
  const dataDirectory = join(folder, "data");
  const plainEnv = withoutSettings(env);
  const simulators = await runStep(terminal, "Stand-ins for Claude and GitHub", async () => {
    const started = await startSimulators({
      root,
      directory: join(folder, "forge"),
      scenario: SCENARIO,
      env: plainEnv,
      logPath: join(folder, SIMULATORS_LOG),
    });
    resources.use(started.process);
    signal.throwIfAborted();
    return { value: started.simulators, detail: started.simulators.repositoryUrl };
  });
  const listening = await runStep(terminal, "Coordinator", async () => {
    const started = await startCoordinator({
      root,
      env: {
        ...plainEnv,
        ...workerEnv,
        ...ONE_SHOT_SETTINGS,
        ...(await webAppIfBuilt(context)),
        FARHAND_DATA: dataDirectory,
        FARHAND_HOST: "127.0.0.1",
        FARHAND_PORT: "0",
        FARHAND_ANTHROPIC_URL: simulators.claudeUrl,
        ANTHROPIC_API_KEY: simulators.claudeKey,
        FARHAND_GITHUB_URL: simulators.githubUrl,
        FARHAND_GITHUB_API_URL: simulators.githubApiUrl,
        FARHAND_GITHUB_TOKEN: simulators.githubToken,
      },
      logPath: join(folder, COORDINATOR_LOG),
    });
    resources.use(started.process);
    signal.throwIfAborted();
    return { value: started.listening, detail: started.listening.url };
  });
  const token = (await readToken({}, listening.tokenFile)) ?? "";
  const client = createClient({ baseUrl: listening.url, token });
  return { simulators, client, tokenFile: listening.tokenFile };
}

async function watchTask(
  client: Client,
  terminal: Terminal,
  simulators: Simulators,
  signal: AbortSignal,
): Promise<{ task: Task; timings: Timings }> {
  const recorder = new TimingsRecorder();
  const created = await client.createTask({ repository: simulators.repositoryUrl, prompt: PROMPT }, signal);
  terminal.screen.print([""]);
  using view = new TaskView(terminal, "Ctrl-C stops");
  const patience = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const item of client.follow(created.id, {
    signal: AbortSignal.any([signal, patience.signal]),
  })) {
    recorder.note(item, Date.now());
    view.show(item);
    if (item.type !== "event" || !isAtRest(view.transcript.state)) continue;
    // The sandbox may end a moment after the turn.
    if (view.transcript.sandboxRemoved || view.transcript.state !== "idle") break;
    timer ??= setTimeout(() => patience.abort(), SANDBOX_END_MS);
  }
  clearTimeout(timer);
  signal.throwIfAborted();
  const task = await client.getTask(created.id, signal);
  view.conclude(task.commit === null ? null : await client.diff(created.id, {}, signal));
  if (task.state === "idle" && view.transcript.sandboxRemoved) return { task, timings: recorder.timings };
  if (task.failure) throw new CheckFailedError(task.failure.message, task.failure.action);
  throw new CheckFailedError(
    task.state === "idle" ? "The sandbox was not removed." : `The task ended as ${task.state}.`,
    "The events above tell how far it came.",
  );
}

async function checkBranch(
  terminal: Terminal,
  simulators: Simulators,
  task: Task,
  { resources, signal }: { resources: AsyncDisposableStack; signal: AbortSignal },
): Promise<void> {
  const directory = await temporaryFolder("farhand-proof-", resources);
  await runStep(terminal, "Test of the pushed branch", async () => {
    if (task.pullRequestUrl === null) throw new CheckFailedError("No pull request was opened.", "");
    const proof = await proveBranch({
      repositoryUrl: simulators.repositoryUrl,
      token: simulators.githubToken,
      branch: task.branch,
      directory,
      signal,
    });
    if (!proof.baseFails) {
      throw new CheckFailedError("The test passes without the agent's work too, so it proves nothing.", "");
    }
    if (!proof.branchPasses) {
      throw new CheckFailedError(`The test of the pushed branch fails:\n${proof.output}`, "");
    }
    return { value: undefined, detail: "cloned anew: fails on the base, passes on the branch" };
  });
}

async function checkContainers(terminal: Terminal, docker: Engine | null, task: Task): Promise<void> {
  if (!docker) return;
  await runStep(terminal, "Container", async () => {
    const left = await findContainers(docker, task.id);
    if (left.length > 0) {
      throw new CheckFailedError(
        `Containers were left behind: ${left.join(", ")}.`,
        `Run: docker rm -f ${left.join(" ")}`,
      );
    }
    return { value: undefined, detail: "gone; the engine knows of none for this task" };
  });
}

async function keepRunning(
  { screen, colors }: Terminal,
  url: string,
  tokenFile: string,
  signal: AbortSignal,
) {
  const fact = (name: string, value: string) => `  ${colors.dim(name.padEnd(9))} ${value}`;
  screen.print([
    fact("address", colors.cyan(url)),
    fact("API", colors.cyan(`${url}/api/docs`)),
    fact("token", tokenFile),
    "",
    `  ${colors.dim("Ctrl-C stops the server and removes all that the demo made.")}`,
    "",
  ]);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The logs go with the folder, so what may explain a failure is shown. */
async function showLogs({ screen, colors }: Terminal, folder: string): Promise<void> {
  for (const name of [SIMULATORS_LOG, COORDINATOR_LOG]) {
    const file = Bun.file(join(folder, name));
    const lines = (await file.exists())
      ? safeText(await file.text())
          .trimEnd()
          .split("\n")
      : [];
    if (lines.join("") === "") continue;
    screen.print(["", `  Last lines of ${name}:`]);
    screen.print(lines.slice(-MOST_LOG_LINES).map((line) => `  ${colors.dim(line)}`));
  }
}

async function temporaryFolder(prefix: string, resources: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
