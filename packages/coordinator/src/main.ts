/** The coordinator: wiring only. Configured by the environment, see `config/config.ts`. */
import { join } from "node:path";
import { createGateway } from "@farhand/gateway";
import { PROTOCOL_VERSION } from "@farhand/protocol";
import { ulid } from "ulid";
import packageJson from "../package.json";
import { createAttachmentKeeper } from "./attachments/keeper.ts";
import { newSecret, ownerToken } from "./auth/owner-token.ts";
import { createSignIn } from "./auth/sign-in.ts";
import { attemptLimits } from "./config/attempt-limits.ts";
import { readConfig } from "./config/config.ts";
import { instanceName, openDataFolder, runDirectory, sweepSockets } from "./config/data-folder.ts";
import { ownSecrets } from "./config/own-secrets.ts";
import { hostInUrl } from "./config/reachable-host.ts";
import { stopSignal } from "./config/stop-signal.ts";
import { createAuditLog } from "./database/audit.ts";
import { createEgressStore } from "./database/egress.ts";
import { createKeyStore } from "./database/keys.ts";
import { lockDataFolder } from "./database/lock.ts";
import { createNotificationStores } from "./database/notification-stores.ts";
import { openDatabase, waitBriefly } from "./database/open.ts";
import { createSealedTextStore } from "./database/sealed-texts.ts";
import { createSettingsStore } from "./database/settings.ts";
import { createSignInStores } from "./database/sign-in-stores.ts";
import { createTaskStores } from "./database/task-stores.ts";
import { NO_BUDGETS } from "./domain/budget.ts";
import { FarhandError } from "./domain/failure.ts";
import { createLiveAnswers } from "./domain/live-answers.ts";
import { createPresence } from "./domain/presence.ts";
import { createRepositoryLister, createUserForges, parseRepository, repositoryName } from "./forge/forge.ts";
import { createApp } from "./http/app.ts";
import { createDoor } from "./http/door.ts";
import { serve } from "./http/server.ts";
import { openWebApp } from "./http/web-app.ts";
import { createLogs, scrubberOfUsers } from "./log/log.ts";
import { createNotifications } from "./notify/notifications.ts";
import { createOutputKeeper } from "./outputs/keeper.ts";
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
import { unanswered } from "./run/question-calls.ts";
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
import { createOutgoing } from "./vault/outgoing.ts";
import { createSafe } from "./vault/safe.ts";
import { createVault } from "./vault/vault.ts";
import { createHub } from "./websocket/hub.ts";

/** Says on standard output what became of the start, for the program that started us: one JSON line. */
const announce = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  // From the first moment on: a start that is under way is brought to its end, and then stopped in order.
  const stopping = stopSignal();
  const config = readConfig(process.env);
  const dataDirectory = await openDataFolder(config.dataDirectory);
  const at = (name: string) => join(dataDirectory, name);

  await using resources = new AsyncDisposableStack();
  resources.use(lockDataFolder(at("coordinator.lock"), dataDirectory));
  const database = resources.adopt(await openDatabase(at("agent.db")), (it) => it.destroy());

  const clock = { now: () => new Date() };
  const instanceId = await instanceName(at("instance"));
  const token = await ownerToken(at("owner.token"));
  const known = createKnownSecrets([token, ...ownSecrets(config)], clock);
  const logs = createLogs({ directory: at("logs"), level: config.logLevel, secrets: known.all });
  const onError = (error: unknown) => logs.main.error({ err: error }, "background work failed");
  if (config.unknownVariables.length > 0)
    logs.main.warn({ variables: config.unknownVariables }, "these settings are not known and have no effect");

  const stores = createTaskStores(database, {
    clock,
    newToken: () => `fha_${newSecret()}`,
    sandboxName: (taskId, attempt) => sandboxName(instanceId, taskId, attempt),
  });
  const { users, log, tasks, attempts, inbox, messages, requests, costs, memberCaps } = stores;
  await users.setOwner({ id: "u_owner", login: "owner", token });
  const audit = createAuditLog(database, clock, onError);
  /** For what goes out to a forge, and comes back from it. */
  const auditedLog = auditWork(log, { audit, tasks });
  const newId = (prefix: string) => `${prefix}${ulid(clock.now().getTime()).toLowerCase()}`;
  const newMessageId = () => newId("m_");
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
    newId: () => newId("k_"),
    clock,
  });
  const budgets = createBudgets({
    tasks,
    log,
    costs,
    settings,
    memberCaps,
    priceOf: createPrices(await readPriceFile(config.pricesFile)),
    clock,
  });
  const deltas = createLiveAnswers(log);
  const repositories = createRepositories({
    directory: at("repos"),
    fetchBounds: { minFreeBytes: config.diskFreeBytes, maxMirrorBytes: config.repositoryMaxBytes },
  });
  const forgeOf = createUserForges({
    vault,
    githubUrl: config.githubUrl,
    githubApiUrl: config.githubApiUrl,
    isOwner,
    publicAddressOf,
    guardedFetch: guardedFetch(),
  });
  const lister = createRepositoryLister({
    accessOf: vault.forges,
    guardedFetch: guardedFetch(),
    forgeOf,
    branchesOf: repositories.branches,
    now: () => clock.now().getTime(),
  });
  const scrub = scrubberOfUsers(known.of);
  const driver = createDriver(config, { instanceId, work: at("work"), volumes: at("volumes") });
  if (!driver.isolated)
    logs.main.warn(
      "WORKERS RUN WITHOUT ANY ISOLATION: they can read and change everything that this account can",
    );

  const attachments = createAttachmentKeeper({
    store: stores.attachmentStore,
    directory: join(at("artifacts"), "attachments"),
    userMaxBytes: config.attachmentsMaxBytes,
    diskFreeBytes: config.diskFreeBytes,
    onError,
  });
  const outputs = createOutputKeeper(at("artifacts"), config.diskFreeBytes, onError);
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
    attachments,
    outputs,
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
      attachments,
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
      supervisor,
      capacity: createCapacity({
        dataDirectory,
        diskFreeBytes: config.diskFreeBytes,
        workerStartBytes: config.workerStartBytes,
      }),
      needsPerson: async (task) => unanswered(task) ?? (await budgets.shortage(task)),
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
    attachments,
    dispatcher,
    supervisor,
    newMessageId,
    newTaskId: () => newId("t_"),
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
    deliveries: stores.webhookDeliveries,
    tasks,
    log: auditedLog,
    now: clock.now,
  };
  const url = () => config.publicUrl ?? `http://${hostInUrl(config.host)}:${server.port}`;
  const signInStores = createSignInStores(database, clock);
  const webApp = config.webAppDirectory ? await openWebApp(config.webAppDirectory) : null;
  const signing = resources.use(
    createSignIn({
      ...signInStores,
      users,
      audit,
      clock,
      providers: config.providers,
      commandLine: config.commandLine,
      ...(webApp ? { home: "/" } : {}),
      secret: deriveKey(master, "signing in"),
      url,
      newId,
      log: (level, message) => logs.main.warn({ level }, `signing in: ${message}`),
      onError,
    }),
  );
  const presence = createPresence(() => clock.now().getTime());
  const notifications = createNotifications({
    ...createNotificationStores(database),
    ...signInStores,
    tasks,
    presence,
    audit,
    safe: createSafe({ store: createSealedTextStore(database), master, known }),
    outgoing: createOutgoing({ isOwner }),
    url,
    contact: config.pushContact,
    expoAccessToken: config.expoAccessToken,
    scrub,
    random: Math.random,
    newId,
    clock,
    onError,
  });
  resources.use(notifications.pump);
  const app = createApp(
    {
      version: packageJson.version,
      commands,
      tasks,
      log,
      messages,
      requests,
      attachments,
      outputs,
      settings,
      authenticator: signing.authenticator,
      signIn: signing.signIn,
      ...signInStores,
      repositories,
      lister,
      readiness,
      audit,
      egress,
      keys: vault,
      costs,
      memberCaps,
      budgets,
      now: clock.now,
      devices: notifications.devices,
      logger: logs.main,
    },
    { ...door, webhooks, webApp },
  );
  await waitBriefly(database);
  const hub = createHub({
    authenticator: door.rateLimiter.guard(signing.authenticator),
    tasks,
    log,
    deltas,
    presence,
    onError,
  });
  const server = serve(config, door, app, hub);
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
  await notifications.pump.start();

  logs.main.info({ signal: await stopping }, "the coordinator stops");
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
