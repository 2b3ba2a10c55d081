import type { KeyInfo, KeyPurpose, SecretInfo, ServerKey } from "@farhand/protocol";
import { failure } from "../domain/failure.ts";
import type { KeyRow, KeyStore, SecretRow } from "../domain/key-store.ts";
import type { Clock } from "../domain/ports.ts";
import type { KeyKeeper, Vault } from "../domain/vault.ts";
import { publicAddressOf, type Resolve } from "./addresses.ts";
import { type CheckResult, checkKey } from "./check-key.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import { keyBinding, lastFourOf, secretBinding } from "./labels.ts";
import type { MasterKey, NamedKey } from "./master-key.ts";
import { SealError, seal, unseal } from "./seal.ts";

/** What the server itself is set to by its environment. Its keys are for the owner alone. */
export interface ServerKeys {
  anthropicUrl: string;
  anthropicKey: string | null;
  githubUrl: string;
  githubApiUrl: string;
  githubToken: string | null;
}

export interface VaultOptions {
  store: KeyStore;
  master: MasterKey;
  known: KnownSecrets;
  server: ServerKeys;
  /** A model to name when a key is tried. */
  model: string;
  isOwner(userId: string): Promise<boolean>;
  /** One name for all addresses of one repository. */
  repositoryName(address: string): string;
  newId(): string;
  clock: Clock;
  resolve?: Resolve;
}

const MODEL_SLOT = "model";
const GITLAB_URL = "https://gitlab.com";

/** Most that one user may keep: each is looked for in all that the user's tasks say. */
const KEYS_MAX = 50;
const SECRETS_MAX = 200;

const UNREADABLE = {
  check: "unreadable" as const,
  checkMessage: "It was sealed with another master key, or changed since. Enter it anew.",
};

/** Where a secret stands among its user's, for what is known of it. */
const keyPlace = ({ purpose, slot }: Pick<KeyRow, "purpose" | "slot">) =>
  JSON.stringify(["key", purpose, slot]);
const secretPlace = ({ repository, name }: Pick<SecretRow, "repository" | "name">) =>
  JSON.stringify(["secret", repository, name]);

export function createVault(options: VaultOptions): Vault & KeyKeeper {
  const { store, master, known, server, clock } = options;
  const keys: NamedKey[] = [master, ...master.previous];
  for (const { bytes } of keys)
    for (const form of ["base64", "base64url", "hex"] as const)
      known.addOwn(Buffer.from(bytes).toString(form));
  /** Users and repositories whose secrets are known by now. */
  const learnt = new Set<string>();
  const usualUrls: Record<KeyPurpose, string> = {
    model: rootOf("model", server.anthropicUrl),
    github: server.githubUrl,
    gitlab: GITLAB_URL,
  };

  /** In the clear, and known as a secret from then on. @throws SealError */
  function open(row: KeyRow): string {
    const secret = unseal(keys, keyBinding(row), row.sealed);
    known.set(row.userId, keyPlace(row), secret);
    return secret;
  }

  /** As `open`, and null for one that cannot be opened. */
  function openIfReadable(row: KeyRow): string | null {
    try {
      return open(row);
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  /** By the name of its master key alone: only use opens a key, not a look at the list. */
  const isReadable = ({ sealed }: KeyRow) => keys.some(({ id }) => id === sealed.keyId);

  /** Whether the user may name that address without anybody looking where it leads. */
  async function isTrusted(userId: string, purpose: KeyPurpose, baseUrl: string): Promise<boolean> {
    return baseUrl === usualUrls[purpose] || (await options.isOwner(userId));
  }

  const apiUrlOf = ({ purpose, baseUrl }: { purpose: KeyPurpose; baseUrl: string }): string => {
    if (purpose !== "github") return baseUrl;
    if (baseUrl === server.githubUrl) return server.githubApiUrl;
    return baseUrl === "https://github.com" ? "https://api.github.com" : `${baseUrl}/api/v3`;
  };

  async function tried(
    userId: string,
    key: Pick<KeyRow, "purpose" | "baseUrl" | "isBearer">,
    secret: string,
  ): Promise<CheckResult> {
    const isFree = await isTrusted(userId, key.purpose, key.baseUrl);
    return checkKey(
      {
        purpose: key.purpose,
        apiUrl: apiUrlOf(key),
        secret,
        isBearer: key.isBearer,
        model: options.model,
      },
      isFree ? fetch : guardedFetch(options.resolve),
    );
  }

  async function ownKey(userId: string, id: string): Promise<KeyRow> {
    const row = (await store.keys(userId)).find((key) => key.id === id);
    if (row) return row;
    throw failure("not_found", "There is no such key.", "GET /api/keys lists yours.");
  }

  const shown = (row: KeyRow): KeyInfo => {
    const info = {
      id: row.id,
      purpose: row.purpose,
      baseUrl: row.baseUrl,
      host: new URL(row.baseUrl).host,
      lastFour: row.lastFour,
      addedAt: row.addedAt,
      check: row.check,
      checkedAt: row.checkedAt,
      checkMessage: row.checkMessage,
      isBearer: row.isBearer,
    };
    return isReadable(row) ? info : { ...info, ...UNREADABLE };
  };

  return {
    async modelUpstream(userId) {
      const row = await store.key(userId, "model", MODEL_SLOT);
      if (!row) {
        const { anthropicKey: apiKey } = server;
        if (apiKey === null || !(await options.isOwner(userId))) return null;
        return { baseUrl: usualUrls.model, apiKey, isBearer: false, address: null };
      }
      const apiKey = openIfReadable(row);
      if (apiKey === null) throw unreadable("model_key_missing", "model key");
      const isFree = await isTrusted(userId, "model", row.baseUrl);
      const address = isFree ? null : await publicAddressOf(row.baseUrl, options.resolve);
      return { baseUrl: row.baseUrl, apiKey, isBearer: row.isBearer, address };
    },

    async forgeKey(userId, host) {
      for (const purpose of ["github", "gitlab"] as const) {
        const row = await store.key(userId, purpose, host);
        if (!row) continue;
        const token = openIfReadable(row);
        if (token === null) throw unreadable("repository_needs_credential", `key for ${host}`);
        return { purpose, baseUrl: row.baseUrl, token };
      }
      const { githubUrl: baseUrl, githubToken: token } = server;
      if (token === null || host !== new URL(baseUrl).host || !(await options.isOwner(userId))) return null;
      return { purpose: "github", baseUrl, token };
    },

    async forges(userId) {
      const rows = (await store.keys(userId)).flatMap((row) => {
        const token = row.purpose === "model" ? null : openIfReadable(row);
        const { id: keyId, purpose, baseUrl } = row;
        return token === null || purpose === "model" ? [] : [{ keyId, purpose, baseUrl, token }];
      });
      const { githubUrl: baseUrl, githubToken: token } = server;
      const hasOwn = rows.some((row) => new URL(row.baseUrl).host === new URL(baseUrl).host);
      if (token !== null && !hasOwn && (await options.isOwner(userId)))
        rows.push({ keyId: "server", purpose: "github", baseUrl, token });
      return Promise.all(
        rows.map(async (row) => ({
          ...row,
          apiUrl: apiUrlOf(row),
          isTrusted: await isTrusted(userId, row.purpose, row.baseUrl),
        })),
      );
    },

    async forgeToken(userId, host) {
      return (await this.forgeKey(userId, host))?.token ?? null;
    },

    async repositorySecrets(userId, repository) {
      const rows = await store.secrets(userId, options.repositoryName(repository));
      return rows.map((row) => {
        const value = openSecret(keys, row);
        known.set(userId, secretPlace(row), value);
        return { name: row.name, value, isForAgent: row.isForAgent };
      });
    },

    async learn(userId, repository) {
      const name = options.repositoryName(repository);
      const place = JSON.stringify([userId, name]);
      if (learnt.has(place)) return;
      for (const row of await store.secrets(userId, name))
        try {
          known.set(userId, secretPlace(row), unseal(keys, secretBinding(row), row.sealed));
        } catch (error) {
          // Nobody was given one that does not open.
          if (!(error instanceof SealError)) throw error;
        }
      learnt.add(place);
    },

    hasModelKey: async () => server.anthropicKey !== null || (await store.hasKey("model")),

    list: async (userId) => (await store.keys(userId)).map(shown),

    async serverKeys(userId) {
      if (!(await options.isOwner(userId))) return [];
      const used: ServerKey[] = [];
      if (server.anthropicKey !== null && !(await store.key(userId, "model", MODEL_SLOT)))
        used.push({ purpose: "model", host: new URL(server.anthropicUrl).host });
      const { host } = new URL(server.githubUrl);
      if (server.githubToken !== null && !(await store.key(userId, "github", host)))
        used.push({ purpose: "github", host });
      return used;
    },

    async put(userId, { purpose, key: secret, isBearer = false, ...given }, isUnchecked) {
      const baseUrl = rootOf(purpose, given.baseUrl ?? usualUrls[purpose]);
      if (!(await isTrusted(userId, purpose, baseUrl))) await demandSafe(baseUrl, options.resolve);
      const result = isUnchecked ? null : await tried(userId, { purpose, baseUrl, isBearer }, secret);
      if (result && result.check !== "ok") throw notKept(result);
      const slot = purpose === "model" ? MODEL_SLOT : new URL(baseUrl).host;
      const now = clock.now().toISOString();
      const before = await store.key(userId, purpose, slot);
      if (before === null && (await store.keys(userId)).length >= KEYS_MAX) throw tooMany(KEYS_MAX, "keys");
      const row = { id: options.newId(), userId, purpose, slot, baseUrl, isBearer };
      const kept: KeyRow = {
        ...row,
        sealed: seal(master, keyBinding(row), secret),
        lastFour: lastFourOf(secret),
        addedAt: now,
        check: result?.check ?? "unchecked",
        checkedAt: result && now,
        checkMessage: result?.message ?? "It was kept without being tried.",
      };
      await store.putKey(kept);
      // Not before: what is not kept was never anybody's to find, and is not to be cut out of anything.
      known.set(userId, keyPlace(kept), secret);
      return { key: shown(kept), isNew: before === null };
    },

    async check(userId, id) {
      const row = await ownKey(userId, id);
      const secret = openIfReadable(row);
      if (secret === null) return { ...shown(row), ...UNREADABLE };
      const { check, message } = await tried(userId, row, secret);
      const outcome = { check, checkedAt: clock.now().toISOString(), checkMessage: message };
      await store.setCheck(id, outcome);
      return shown({ ...row, ...outcome });
    },

    async remove(userId, id) {
      const row = await ownKey(userId, id);
      await store.removeKey(userId, id);
      known.retire(userId, keyPlace(row));
      return shown(row);
    },

    async secrets(userId, repository) {
      const name = repository === null ? null : options.repositoryName(repository);
      return (await store.secrets(userId, name)).map(shownSecret);
    },

    async putSecret(userId, { repository, name, value, isForAgent }) {
      const place = { userId, repository: options.repositoryName(repository), name, isForAgent };
      const all = await store.secrets(userId, null);
      const isNew = !all.some((it) => it.repository === place.repository && it.name === name);
      if (isNew && all.length >= SECRETS_MAX) throw tooMany(SECRETS_MAX, "secrets");
      const row: SecretRow = {
        ...place,
        sealed: seal(master, secretBinding(place), value),
        lastFour: lastFourOf(value),
        addedAt: clock.now().toISOString(),
      };
      await store.putSecret(row);
      known.set(userId, secretPlace(row), value);
      return shownSecret(row);
    },

    async removeSecret(userId, repository, name) {
      const place = { repository: options.repositoryName(repository), name };
      if (await store.removeSecret(userId, place.repository, name)) {
        known.retire(userId, secretPlace(place));
        return;
      }
      throw failure("not_found", "There is no such secret.", "GET /api/secrets lists yours.");
    },
  };
}

/** Of a model's service, what stands before `/v1/messages`: many of their own documents give it with the `/v1`. */
const rootOf = (purpose: KeyPurpose, baseUrl: string): string =>
  purpose === "model" ? baseUrl.replace(/\/v1(\/messages)?$/, "") : baseUrl;

/** A public address, to which the key does not travel in the clear. */
async function demandSafe(baseUrl: string, resolve: Resolve | undefined): Promise<void> {
  if (!baseUrl.startsWith("https:"))
    throw failure(
      "address_refused",
      "Over http the key would travel in the clear.",
      "Give an https address; only the owner of this server may use another.",
    );
  await publicAddressOf(baseUrl, resolve);
}

function openSecret(keys: NamedKey[], row: SecretRow): string {
  try {
    return unseal(keys, secretBinding(row), row.sealed);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw unreadable("conflict", `secret ${row.name} of ${row.repository}`);
  }
}

const shownSecret = ({ repository, name, isForAgent, lastFour, addedAt }: SecretRow): SecretInfo => ({
  repository,
  name,
  isForAgent,
  lastFour,
  addedAt,
});

function tooMany(most: number, what: "keys" | "secrets") {
  return failure(
    "invalid_request",
    `You have ${most} ${what} already, and that is the most.`,
    `Remove some that are not needed any more; \`farhand ${what}\` lists them.`,
  );
}

function notKept({ check, message }: CheckResult) {
  if (check === "refused")
    return failure("key_refused", message, "Check the key for slips, or make a new one. Nothing was kept.");
  return failure(
    "key_unreachable",
    message,
    "Check the address and try again, or keep the key untried with ?unchecked=true (`--unchecked`). Nothing was kept.",
    { retryable: true },
  );
}

function unreadable(code: "model_key_missing" | "repository_needs_credential" | "conflict", what: string) {
  return failure(
    code,
    `The ${what} cannot be opened: it was sealed with another master key, or changed since.`,
    "Enter it anew, or bring back the master key that it was sealed with.",
  );
}
