import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { createAttachmentKeeper } from "../src/attachments/keeper.ts";
import { createAttachmentStore } from "../src/database/attachments.ts";
import { createAttemptStore } from "../src/database/attempts.ts";
import { createAuditLog } from "../src/database/audit.ts";
import { createCostStore } from "../src/database/costs.ts";
import { createEgressStore } from "../src/database/egress.ts";
import { createEventLog } from "../src/database/events.ts";
import { createInbox } from "../src/database/inbox.ts";
import { createKeyStore } from "../src/database/keys.ts";
import { createMemberCapStore } from "../src/database/member-caps.ts";
import { createNotificationStores } from "../src/database/notification-stores.ts";
import { openDatabase } from "../src/database/open.ts";
import { createRequestStore } from "../src/database/requests.ts";
import { createSealedTextStore } from "../src/database/sealed-texts.ts";
import { createSettingsStore } from "../src/database/settings.ts";
import { createTaskStore } from "../src/database/tasks.ts";
import { createMessageStore } from "../src/database/user-messages.ts";
import { createUserStore } from "../src/database/users.ts";
import { allTokens, NO_BUDGETS, NO_LIMIT } from "../src/domain/budget.ts";
import { createPresence } from "../src/domain/presence.ts";
import type { NewTask } from "../src/domain/store.ts";
import { repositoryName } from "../src/forge/repository-address.ts";
import { scrubberOfUsers } from "../src/log/log.ts";
import { createNotifications } from "../src/notify/notifications.ts";
import { createOutputKeeper } from "../src/outputs/keeper.ts";
import { createBudgets } from "../src/run/budgets.ts";
import { createKnownSecrets } from "../src/vault/known-secrets.ts";
import { namedKey } from "../src/vault/master-key.ts";
import { createOutgoing } from "../src/vault/outgoing.ts";
import { createSafe } from "../src/vault/safe.ts";
import { createVault, type VaultOptions } from "../src/vault/vault.ts";
import { signInParts } from "./sign-in-parts.ts";
import { tokenAuthenticator } from "./token-authenticator.ts";

export const OWNER = { id: "u_owner", login: "owner", token: "fho_owner-token-for-tests" };

/** A task id whose order follows the number. */
export const taskId = (number: number) => `t_${String(number).padStart(26, "0")}`;

export const messageId = (number: number) => `m_${String(number).padStart(26, "0")}`;

export function newTask(number: number, change: Partial<NewTask> = {}): NewTask {
  return {
    id: taskId(number),
    userId: OWNER.id,
    repository: "https://git.example.com/o/r",
    forge: "plain",
    baseBranch: null,
    branch: `farhand/task-${number}`,
    model: "claude-sonnet-5-5",
    prompt: `prompt ${number}`,
    messageId: messageId(number),
    attachments: [],
    requestKey: null,
    budget: NO_LIMIT,
    fork: null,
    ...change,
  };
}

/** No key, and addresses where nobody is. */
export const NO_SERVER_KEYS: VaultOptions["server"] = {
  anthropicUrl: "http://127.0.0.1:9",
  anthropicKey: null,
  githubUrl: "http://127.0.0.1:9",
  githubApiUrl: "http://127.0.0.1:9/api",
  githubToken: null,
};

function raise(error: unknown): never {
  throw error;
}

/** All stores over one database, in memory unless a path is given, with an owner in it. */
export async function openStores(path = ":memory:", vault: Partial<VaultOptions> = {}) {
  const time = { ms: Date.parse("2026-01-01T00:00:00.000Z") };
  const clock = { now: () => new Date(time.ms) };
  const database = await openDatabase(path);
  const log = createEventLog(database, clock);
  const users = createUserStore(database, clock);
  await users.setOwner(OWNER);
  const audit = createAuditLog(database, clock, raise);
  let ids = 0;
  const nextId = (prefix: string) => `${prefix}${++ids}`;
  const tasks = createTaskStore(database, log, {
    clock,
    newToken: () => nextId("token-"),
    sandboxName: (id, attempt) => `${id}-${attempt}`,
  });
  const files = join(tmpdir(), `farhand-artifacts-${crypto.randomUUID()}`);
  const settings = createSettingsStore(database, { defaultModel: "claude-sonnet-5-5", budgets: NO_BUDGETS });
  const costs = createCostStore(database);
  const memberCaps = createMemberCapStore(database);
  const keyStore = createKeyStore(database);
  const master = vault.master ?? { ...namedKey(randomBytes(32)), source: "file" as const, previous: [] };
  const known = vault.known ?? createKnownSecrets([], clock);
  const isOwner = async (userId: string) => userId === OWNER.id;
  const keys = createVault({
    store: keyStore,
    master,
    known,
    server: NO_SERVER_KEYS,
    model: "claude-sonnet-5-5",
    isOwner,
    repositoryName,
    newId: () => `k_${ulid().toLowerCase()}`,
    clock,
    ...vault,
  });
  const signing = signInParts({ database, users, audit, clock });
  const notificationStores = createNotificationStores(database);
  const presence = createPresence(() => time.ms);
  const safe = createSafe({ store: createSealedTextStore(database), master, known });
  /** The pump is not started. */
  const notifications = createNotifications({
    ...notificationStores,
    ...signing,
    tasks,
    presence,
    audit,
    safe,
    outgoing: createOutgoing({ isOwner, ...(vault.resolve ? { resolve: vault.resolve } : {}) }),
    url: () => "https://farhand.example.com",
    contact: null,
    expoAccessToken: null,
    scrub: scrubberOfUsers(known.of),
    random: () => 0.5,
    newId: (prefix) => `${prefix}${ulid().toLowerCase()}`,
    clock,
    onError: raise,
  });
  return {
    time,
    clock,
    database,
    log,
    users,
    tasks,
    costs,
    memberCaps,
    keyStore,
    keys,
    /** The same, for those who may read it. */
    vault: keys,
    /** A token costs a millionth of a dollar; the price of `mystery` is not known. */
    budgets: createBudgets({
      tasks,
      log,
      costs,
      settings,
      memberCaps,
      clock,
      priceOf: (model, use) => (model === "mystery" ? null : allTokens(use) / 1e6),
    }),
    attempts: createAttemptStore(database, clock),
    inbox: createInbox(database, clock),
    messages: createMessageStore(database, log, clock),
    requests: createRequestStore(database, clock),
    /** Three mebibytes for each user. */
    attachments: createAttachmentKeeper({
      store: createAttachmentStore(database, clock),
      directory: join(files, "attachments"),
      userMaxBytes: 3 * 1024 * 1024,
      diskFreeBytes: 0,
      onError: raise,
    }),
    outputs: createOutputKeeper(files, 0, raise, { maxBytes: 64 * 1024, maxFiles: 4 }),
    egress: createEgressStore(database, (address) => address),
    audit,
    authenticator: tokenAuthenticator(users),
    ...signing,
    ...notificationStores,
    deviceStore: notificationStores.devices,
    devices: notifications.devices,
    notifications,
    presence,
    safe,
    known,
    settings,
    async [Symbol.asyncDispose]() {
      await signing.endSignIn();
      await database.destroy();
      await rm(files, { recursive: true, force: true });
    },
  };
}
