/** The coordinator: wiring only. Configured by the environment, see `config/config.ts`. */
import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createGateway } from "@farhand/gateway";
import { type Delta, PROTOCOL_VERSION, TaskId } from "@farhand/protocol";
import { ulid } from "ulid";
import packageJson from "../package.json";
import { newSecret, ownerToken } from "./auth/owner-token.ts";
import { readConfig } from "./config/config.ts";
import { createAttemptStore } from "./database/attempts.ts";
import { createEventLog } from "./database/events.ts";
import { createInbox } from "./database/inbox.ts";
import { lockDataFolder } from "./database/lock.ts";
import { openDatabase, waitBriefly } from "./database/open.ts";
import { createRequestStore } from "./database/requests.ts";
import { createSettingsStore } from "./database/settings.ts";
import { createTaskStore } from "./database/tasks.ts";
import { createMessageStore } from "./database/user-messages.ts";
import { createUserStore } from "./database/users.ts";
import { FarhandError, failure } from "./domain/failure.ts";
import { createTopic } from "./domain/topic.ts";
import { chooseForge, parseRepository } from "./forge/forge.ts";
import { createGitHubForge } from "./forge/github.ts";
import { createPlainForge } from "./forge/plain.ts";
import { createApp } from "./http/app.ts";
import { createLogs, scrubber } from "./log/log.ts";
import { createRepositories } from "./repos/repositories.ts";
import { createAssignments } from "./run/assignments.ts";
import { createCapacity } from "./run/capacity.ts";
import { createTaskCommands } from "./run/commands.ts";
import { createDispatcher } from "./run/dispatcher.ts";
import { createJanitor } from "./run/janitor.ts";
import { createReadiness } from "./run/readiness.ts";
import { createReaper } from "./run/reaper.ts";
import { createSupervisor } from "./run/supervisor.ts";
import { createWorkerCalls } from "./run/worker-calls.ts";
import { createDockerDriver } from "./sandbox/docker.ts";
import { sandboxName } from "./sandbox/name.ts";
import { createProcessDriver } from "./sandbox/process.ts";
import { type Connection, createHub } from "./websocket/hub.ts";

/** Says on standard output what became of the start, for the program that started us: one JSON line. */
const announce = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  // From the first moment on: a start that is under way is brought to its end, and then stopped in order.
  const stopping = stopSignal();
  const config = readConfig(process.env);
  const { dataDirectory } = config;
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await chmod(dataDirectory, 0o700);
  const at = (name: string) => join(dataDirectory, name);

  await using resources = new AsyncDisposableStack();
  resources.use(lockDataFolder(at("coordinator.lock"), dataDirectory));
  const database = resources.adopt(await openDatabase(at("agent.db")), (it) => it.destroy());

  const clock = { now: () => new Date() };
  const instanceId = await instanceName(at("instance"));
  const token = await ownerToken(at("owner.token"));
  const secrets = [token, config.anthropicKey, config.githubToken].filter((secret) => secret !== null);
  const logs = createLogs({ directory: at("logs"), level: config.logLevel, secrets });
  const onError = (error: unknown) => logs.main.error({ err: error }, "background work failed");
  if (config.unknownVariables.length > 0)
    logs.main.warn({ variables: config.unknownVariables }, "these settings are not known and have no effect");

  const users = createUserStore(database, clock);
  await users.setOwner({ id: "u_owner", login: "owner", token });
  const log = createEventLog(database, clock);
  const tasks = createTaskStore(database, log, {
    clock,
    newToken: () => `fha_${newSecret()}`,
    sandboxName: (taskId, attempt) => sandboxName(instanceId, taskId, attempt),
  });
  const attempts = createAttemptStore(database, clock);
  const newMessageId = () => `m_${ulid(clock.now().getTime()).toLowerCase()}`;
  const inbox = createInbox(database, clock);
  const messages = createMessageStore(database, log, clock);
  const requests = createRequestStore(database, clock);
  const settings = createSettingsStore(database, { defaultModel: config.defaultModel });
  const deltas = createTopic<Delta>();
  const repositories = createRepositories({ directory: at("repos") });
  const forges = [
    createGitHubForge({ webUrl: config.githubUrl, apiUrl: config.githubApiUrl, token: config.githubToken }),
    createPlainForge(),
  ];
  const driver =
    config.sandbox === "docker"
      ? createDockerDriver({
          instanceId,
          image: config.workerImage,
          workerBinaryPath: config.workerBinaryPath,
          ...(config.dockerSocket ? { socketPath: config.dockerSocket } : {}),
        })
      : createProcessDriver({
          instanceId,
          directory: at("work"),
          workerBinaryPath: config.workerBinaryPath,
        });
  if (!driver.isolated)
    logs.main.warn(
      "WORKERS RUN WITHOUT ANY ISOLATION: they can read and change everything that this account can",
    );

  const assignments = createAssignments();
  const calls = createWorkerCalls({
    tasks,
    attempts,
    log,
    inbox,
    messages,
    deltas,
    repositories,
    assignments,
    onError,
  });
  const socketsDirectory = await runDirectory(dataDirectory, instanceId);
  const gateway = resources.use(
    createGateway({
      ports: calls,
      upstream: { baseUrl: config.anthropicUrl, apiKey: config.anthropicKey },
      runDirectory: socketsDirectory,
      onError,
    }),
  );
  const owner = `${instanceId}-${process.pid}`;
  const janitor = resources.use(
    createJanitor({
      tasks,
      log,
      requests,
      repositories,
      logsDirectory: at("logs"),
      artifactsDirectory: at("artifacts"),
      retentionMs: config.retentionMs,
      clock,
      onError,
    }),
  );
  const supervisor = createSupervisor({
    tasks,
    attempts,
    log,
    inbox,
    messages,
    deltas,
    repositories,
    forgeOf: (repository) => chooseForge(forges, repository),
    driver,
    gateway,
    assignments,
    taskLog: logs.task,
    newMessageId,
    onQueued: () => dispatcher.poke(),
    onTurnEnded: janitor.measure,
    owner,
    clock,
    scrub: scrubber(secrets),
    limits: {
      memoryBytes: config.workerMemoryBytes,
      cpus: config.workerCpus,
      pids: 512,
      turnTimeoutMs: config.turnTimeoutMs,
      taskTimeoutMs: config.taskTimeoutMs,
      noProgressMs: config.noProgressMs,
      workerGraceMs: 3500,
      checkpointMs: config.checkpointMs,
      warmMs: config.warmMs,
      toolTimeoutMs: config.toolTimeoutMs,
      modelRetries: config.modelRetries,
      engineAwayMs: config.engineAwayMs,
    },
  });
  const reaper = resources.use(
    createReaper({
      tasks,
      attempts,
      log,
      driver,
      supervisor,
      owner,
      clock,
      sweepSockets: (taskIds) => sweepSockets(socketsDirectory, taskIds),
      onError,
    }),
  );
  const dispatcher = resources.use(
    createDispatcher({
      tasks,
      log,
      supervisor,
      capacity: createCapacity({
        dataDirectory,
        diskFreeBytes: config.diskFreeBytes,
        workerStartBytes: config.workerStartBytes,
      }),
      maxWorkers: config.maxWorkers,
      owner,
      clock,
      onError,
    }),
  );
  await reaper.start();

  const commands = createTaskCommands({
    tasks,
    log,
    settings,
    inbox,
    repositories,
    dispatcher,
    supervisor,
    newMessageId,
    newTaskId: () => `t_${ulid(clock.now().getTime()).toLowerCase()}`,
    resolveRepository: (input) => {
      const repository = parseRepository(input).address;
      return { repository, forge: chooseForge(forges, repository).kind };
    },
  });
  const readiness = createReadiness({
    version: packageJson.version,
    driver,
    dataDirectory,
    diskFreeBytes: config.diskFreeBytes,
    hasModelKey: config.anthropicKey !== null,
    pingDatabase: () => settings.get("u_owner"),
  });
  const app = createApp({
    version: packageJson.version,
    commands,
    tasks,
    log,
    messages,
    requests,
    settings,
    users,
    repositories,
    readiness,
    logger: logs.main,
  });
  await waitBriefly(database);
  const hub = createHub({ users, tasks, log, deltas, onError });
  const server = listen();
  resources.defer(() => server.stop(true));
  resources.defer(() => hub.closeAll());

  const url =
    config.publicUrl ??
    `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`;
  logs.main.info({ url, sandbox: driver.kind, protocol: PROTOCOL_VERSION }, "the coordinator listens");
  announce({
    event: "listening",
    url,
    tokenFile: at("owner.token"),
    sandbox: driver.kind,
    isolated: driver.isolated,
  });
  dispatcher.poke();
  janitor.start();

  const signal = await stopping;
  logs.main.info({ signal }, "the coordinator stops");

  function listen() {
    try {
      return Bun.serve<Connection>({
        hostname: config.host,
        port: config.port,
        idleTimeout: 120,
        fetch(request, server) {
          if (new URL(request.url).pathname !== "/api/ws") return app.fetch(request);
          if (server.upgrade(request, { data: hub.newConnection() })) return undefined;
          return new Response("This address speaks WebSocket only.\n", { status: 426 });
        },
        websocket: hub.handler,
      });
    } catch (error) {
      throw failure(
        "conflict",
        `Port ${config.port} on ${config.host} cannot be listened on: ${error instanceof Error ? error.message : error}`,
        "Stop the program that has it, or choose another with FARHAND_PORT.",
        { cause: error },
      );
    }
  }
}

/** A short name that tells this data folder's sandboxes from those of others on the same engine. */
async function instanceName(path: string): Promise<string> {
  const file = Bun.file(path);
  if (await file.exists()) return (await file.text()).trim();
  const name = ulid().slice(-8).toLowerCase();
  await Bun.write(path, `${name}\n`);
  return name;
}

/** A socket's path holds 107 bytes at most, so a deep data folder gets its sockets elsewhere. */
async function runDirectory(dataDirectory: string, instanceId: string): Promise<string> {
  const longest = "/t_00000000000000000000000000/g.sock".length;
  const inData = join(dataDirectory, "run");
  const directory = inData.length + longest <= 107 ? inData : join("/tmp", `farhand-${instanceId}`);
  await mkdir(directory, { recursive: true, mode: 0o711 });
  // In a shared folder somebody else may have made it first, to listen in.
  const { uid } = await lstat(directory);
  if (uid !== process.getuid?.())
    throw failure(
      "conflict",
      `${directory} belongs to another user.`,
      "Remove it, or give the server a shorter FARHAND_DATA.",
    );
  return directory;
}

/** Removes what a coordinator that crashed has left of the sockets of tasks that are over. */
async function sweepSockets(directory: string, taskIds: string[]): Promise<void> {
  for (const name of await readdir(directory))
    if (TaskId.safeParse(name).success && !taskIds.includes(name))
      await rm(join(directory, name), { recursive: true, force: true });
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  if (!(error instanceof FarhandError)) throw error;
  const { code, message, action } = error.failure;
  announce({ event: "failed", code, message, action });
  process.stderr.write(`${message} ${action}\n`);
  process.exit(1);
}
