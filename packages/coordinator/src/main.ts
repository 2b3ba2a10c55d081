/** The coordinator: wiring only. Configured by the environment, see `config/config.ts`. */
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createGateway } from "@farhand/gateway";
import { type Delta, PROTOCOL_VERSION } from "@farhand/protocol";
import { ulid } from "ulid";
import packageJson from "../package.json";
import { newSecret, ownerToken } from "./auth/owner-token.ts";
import { createSignIn } from "./auth/sign-in.ts";
import { attemptLimits } from "./config/attempt-limits.ts";
import { inUrl, readConfig } from "./config/config.ts";
import { instanceName, runDirectory, sweepSockets } from "./config/data-folder.ts";
import { stopSignal } from "./config/stop-signal.ts";
import { createAttemptStore } from "./database/attempts.ts";
import { createAuditLog } from "./database/audit.ts";
import { createCostStore } from "./database/costs.ts";
import { createEgressStore } from "./database/egress.ts";
import { createEventLog } from "./database/events.ts";
import { createInbox } from "./database/inbox.ts";
import { createKeyStore } from "./database/keys.ts";
import { lockDataFolder } from "./database/lock.ts";
import { openDatabase, waitBriefly } from "./database/open.ts";
import { createRequestStore } from "./database/requests.ts";
import { createSettingsStore } from "./database/settings.ts";
import { createSignInStores } from "./database/sign-in-stores.ts";
import { createTaskStore } from "./database/tasks.ts";
import { createMessageStore } from "./database/user-messages.ts";
import { createUserStore } from "./database/users.ts";
import { createWebhookDeliveries } from "./database/webhook-deliveries.ts";
import { NO_BUDGETS } from "./domain/budget.ts";
import { FarhandError, failure } from "./domain/failure.ts";
import { createTopic } from "./domain/topic.ts";
import { WEBHOOK_MAX_AGE_MS } from "./domain/webhook.ts";
import { createUserForges, parseRepository, repositoryName } from "./forge/forge.ts";
import { createApp } from "./http/app.ts";
import { createDoor } from "./http/door.ts";
import { createLogs, scrubber } from "./log/log.ts";
import { createPrices, readPriceFile } from "./prices/prices.ts";
import { createRepositories } from "./repos/repositories.ts";
import { createAssignments } from "./run/assignments.ts";
import { auditWork } from "./run/audit-work.ts";
import { createBudgets } from "./run/budgets.ts";
import { createCapacity } from "./run/capacity.ts";
import { createTaskCommands } from "./run/commands.ts";
import { createDispatcher } from "./run/dispatcher.ts";
import { createEgressCalls } from "./run/egress-calls.ts";
import { createJanitor } from "./run/janitor.ts";
import { createReadiness } from "./run/readiness.ts";
import { createReaper } from "./run/reaper.ts";
import { createSupervisor } from "./run/supervisor.ts";
import { createWorkerCalls } from "./run/worker-calls.ts";
import { createDriver } from "./sandbox/driver.ts";
import { sandboxName } from "./sandbox/name.ts";
import { publicAddressOf } from "./vault/addresses.ts";
import { guardedFetch } from "./vault/guarded-fetch.ts";
import { createKnownSecrets } from "./vault/known-secrets.ts";
import { deriveKey, masterKey } from "./vault/master-key.ts";
import { createVault } from "./vault/vault.ts";
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
  const known = createKnownSecrets(
    [
      token,
      config.anthropicKey,
      config.githubToken,
      config.githubWebhookSecret,
      config.gitlabWebhookToken,
    ].filter((secret) => secret !== null),
  );
  const logs = createLogs({ directory: at("logs"), level: config.logLevel, secrets: known.list });
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
  const audit = createAuditLog(database, clock, onError);
  /** For what goes out to a forge, and comes back from it. */
  const auditedLog = auditWork(log, { audit, tasks });
  const attempts = createAttemptStore(database, clock);
  const newMessageId = () => `m_${ulid(clock.now().getTime()).toLowerCase()}`;
  const inbox = createInbox(database, clock);
  const messages = createMessageStore(database, log, clock);
  const requests = createRequestStore(database, clock);
  const settings = createSettingsStore(database, {
    defaultModel: config.defaultModel,
    budgets: NO_BUDGETS,
  });
  const isOwner = async (userId: string) => userId === "u_owner";
  const master = await masterKey(dataDirectory, process.env);
  const vault = createVault({
    store: createKeyStore(database),
    master,
    known,
    server: config,
    model: config.defaultModel,
    isOwner,
    repositoryName,
    newId: () => `k_${ulid(clock.now().getTime()).toLowerCase()}`,
    clock,
  });
  const costs = createCostStore(database);
  const budgets = createBudgets({
    tasks,
    log,
    costs,
    settings,
    priceOf: createPrices(await readPriceFile(config.pricesFile)),
    clock,
  });
  const deltas = createTopic<Delta>();
  const repositories = createRepositories({ directory: at("repos") });
  const forgeOf = createUserForges({
    vault,
    githubUrl: config.githubUrl,
    githubApiUrl: config.githubApiUrl,
    isOwner,
    publicAddressOf,
    guardedFetch: guardedFetch(),
  });
  const scrub = scrubber(known.list);
  const driver = createDriver(config, { instanceId, work: at("work"), volumes: at("volumes") });
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
    budgets,
    vault,
    repositoryMaxBytes: config.workspaceMaxBytes,
    stopReporting: (taskId) => supervisor.stop(taskId, "reported_too_much"),
    scrub,
    onError,
  });
  const egress = createEgressStore(database, repositoryName);
  const egressCalls = createEgressCalls({ tasks, egress, log });
  const socketsDirectory = await runDirectory(dataDirectory, instanceId);
  const gateway = resources.use(
    createGateway({
      ports: { ...calls, ...egressCalls },
      eventsMaxBytes: config.eventsMaxBytes,
      egressCaps: { maxDownBytes: config.egressMaxDownBytes, maxUpBytes: config.egressMaxUpBytes },
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
      // Long before pushes are refused for want of room.
      tidyAboveBytes: config.workspaceMaxBytes && config.workspaceMaxBytes / 2,
      clock,
      onError,
    }),
  );
  const supervisor = createSupervisor({
    tasks,
    attempts,
    log: auditedLog,
    inbox,
    messages,
    deltas,
    repositories,
    forgeOf,
    vault,
    driver,
    gateway,
    assignments,
    taskLog: logs.task,
    newMessageId,
    onQueued: () => dispatcher.poke(),
    onTurnEnded: janitor.measure,
    owner,
    clock,
    scrub,
    limits: attemptLimits(config),
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
      needsPerson: budgets.shortage,
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
    resolveRepository: async (input, userId) => {
      const repository = parseRepository(input).address;
      return { repository, forge: (await forgeOf({ userId, repository })).kind };
    },
  });
  const readiness = createReadiness({
    version: packageJson.version,
    driver,
    dataDirectory,
    diskFreeBytes: config.diskFreeBytes,
    hasModelKey: vault.hasModelKey,
    pingDatabase: () => settings.get("u_owner"),
  });
  const door = createDoor(config);
  const webhooks = {
    githubSecret: config.githubWebhookSecret,
    gitlabToken: config.gitlabWebhookToken,
    // Longer than a delivery may be old, so that none comes back when it has been forgotten.
    deliveries: createWebhookDeliveries(database, clock, 2 * WEBHOOK_MAX_AGE_MS),
    tasks,
    log: auditedLog,
    now: clock.now,
  };
  const url = () => config.publicUrl ?? `http://${inUrl(config.host)}:${server.port}`;
  const signInStores = createSignInStores(database, clock);
  const signing = resources.use(
    createSignIn({
      ...signInStores,
      users,
      audit,
      clock,
      providers: config.providers,
      secret: deriveKey(master, "signing in"),
      url,
      newId: (prefix) => `${prefix}${ulid(clock.now().getTime()).toLowerCase()}`,
      log: (level, message) => logs.main.warn({ level }, `signing in: ${message}`),
      onError,
    }),
  );
  const app = createApp(
    {
      version: packageJson.version,
      commands,
      tasks,
      log,
      messages,
      requests,
      settings,
      authenticator: signing.authenticator,
      signIn: signing.signIn,
      ...signInStores,
      repositories,
      readiness,
      audit,
      egress,
      keys: vault,
      costs,
      budgets,
      logger: logs.main,
    },
    { ...door, webhooks },
  );
  await waitBriefly(database);
  const hub = createHub({
    authenticator: door.rateLimiter.guard(signing.authenticator),
    tasks,
    log,
    deltas,
    onError,
  });
  const server = listen();
  resources.defer(() => server.stop(true));
  resources.defer(() => hub.closeAll());

  logs.main.info({ url: url(), sandbox: driver.kind, protocol: PROTOCOL_VERSION }, "the coordinator listens");
  announce({
    event: "listening",
    url: url(),
    setupUrl: await signing.signIn.makeSetupLink(),
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
          const caller = door.callerOf(server.requestIP(request)?.address ?? null, request.headers);
          const turnedAway = door.refuseDirect(caller);
          if (turnedAway) return turnedAway;
          if (new URL(request.url).pathname !== "/api/ws") return app.fetch(request, caller);
          const refusal = door.refuseSocket(caller, request.headers);
          if (refusal) return refusal;
          if (
            server.upgrade(request, {
              data: hub.newConnection({ peer: caller.peer, headers: request.headers }),
            })
          )
            return undefined;
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
