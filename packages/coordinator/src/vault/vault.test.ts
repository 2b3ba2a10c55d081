import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { type ClaudeSimulator, startClaudeSimulator } from "@farhand/simulators/claude";
import { NO_SERVER_KEYS, OWNER, openStores } from "../../test/stores.ts";
import { createKnownSecrets } from "./known-secrets.ts";
import { namedKey } from "./master-key.ts";
import type { VaultOptions } from "./vault.ts";

const KEY = "sk-ant-canary-0123456789abcd";
const MEMBER = "u_member";
const PUBLIC = "93.184.216.34";

let claude: ClaudeSimulator;
beforeAll(async () => {
  claude = await startClaudeSimulator({ apiKeys: [KEY, "the-servers-own-key"] });
});
afterAll(() => claude[Symbol.asyncDispose]());

async function open(change: Partial<VaultOptions> = {}) {
  const known = createKnownSecrets([], { now: () => new Date() });
  const master = { ...namedKey(randomBytes(32)), source: "file" as const, previous: [] };
  const server = { ...NO_SERVER_KEYS, anthropicUrl: claude.url };
  const stores = await openStores(":memory:", {
    known,
    master,
    server,
    resolve: async () => [PUBLIC],
    ...change,
  });
  await stores.users.setOwner({ id: MEMBER, login: "member", token: "fho_member-token-for-tests" });
  return { ...stores, known };
}

const modelKey = { purpose: "model" as const, key: KEY };

describe("a user's model key", () => {
  test("is not all that is cut out of logs: the master key is, too", async () => {
    const master = { ...namedKey(randomBytes(32)), source: "file" as const, previous: [] };
    const { known } = await open({ master });
    expect(known.of(MEMBER)).toContain(Buffer.from(master.bytes).toString("base64"));
  });

  test("goes in, is shown by its last four characters, and comes out for the gateway alone", async () => {
    const { keys, vault, keyStore } = await open();
    const { key, isNew } = await keys.put(OWNER.id, modelKey, false);
    expect(key).toMatchObject({ purpose: "model", lastFour: "abcd", check: "ok", baseUrl: claude.url });
    expect(isNew).toBe(true);
    expect(JSON.stringify(await keys.list(OWNER.id))).not.toContain(KEY);
    expect(JSON.stringify(await keyStore.keys(OWNER.id))).not.toContain(KEY);
    expect(await vault.modelUpstream(OWNER.id)).toEqual({
      baseUrl: claude.url,
      apiKey: KEY,
      isBearer: false,
      address: null,
    });
  });

  test("is not kept when it is refused, or cannot be tried", async () => {
    const { keys } = await open();
    const wrong = { ...modelKey, key: "sk-wrong-0123456789" };
    await expect(keys.put(OWNER.id, wrong, false)).rejects.toMatchObject({ code: "key_refused" });
    const nobody = { ...modelKey, baseUrl: "http://127.0.0.1:1" };
    await expect(keys.put(OWNER.id, nobody, false)).rejects.toMatchObject({ code: "key_unreachable" });
    expect(await keys.list(OWNER.id)).toEqual([]);
    expect((await keys.put(OWNER.id, nobody, true)).key).toMatchObject({
      check: "unchecked",
      checkedAt: null,
    });
  });

  test("goes as a bearer token when its user says so, in the check and in every call", async () => {
    await using strict = await startClaudeSimulator({ apiKeys: [KEY], header: "bearer" });
    const { keys, vault } = await open();
    const key = { ...modelKey, baseUrl: strict.url };
    await expect(keys.put(OWNER.id, key, false)).rejects.toMatchObject({ code: "key_refused" });
    const kept = (await keys.put(OWNER.id, { ...key, isBearer: true }, false)).key;
    expect(kept).toMatchObject({ check: "ok", isBearer: true });
    expect(await keys.check(OWNER.id, kept.id)).toMatchObject({ check: "ok", isBearer: true });
    expect(await vault.modelUpstream(OWNER.id)).toMatchObject({ apiKey: KEY, isBearer: true });
  });

  test("has its address without the /v1 that every call adds", async () => {
    const { keys, vault } = await open();
    for (const end of ["/v1", "/v1/messages", ""]) {
      const { key } = await keys.put(OWNER.id, { ...modelKey, baseUrl: `${claude.url}${end}` }, false);
      expect(key).toMatchObject({ check: "ok", baseUrl: claude.url });
      expect((await vault.modelUpstream(OWNER.id))?.baseUrl).toBe(claude.url);
    }
    const forge = { purpose: "gitlab" as const, baseUrl: "https://git.example.com/v1", key: KEY };
    expect((await keys.put(OWNER.id, forge, true)).key.baseUrl).toBe("https://git.example.com/v1");
  });

  test("takes the place of the one before, whatever its address", async () => {
    const { keys, vault } = await open();
    await keys.put(OWNER.id, { ...modelKey, baseUrl: "http://127.0.0.1:1", key: "first-0123456789" }, true);
    expect((await keys.put(OWNER.id, modelKey, false)).isNew).toBe(false);
    expect(await keys.list(OWNER.id)).toHaveLength(1);
    expect((await vault.modelUpstream(OWNER.id))?.apiKey).toBe(KEY);
  });

  test("is a secret in its own user's texts once it is kept, and never when it is refused", async () => {
    const { keys, known } = await open();
    const wrong = { ...modelKey, key: "sk-wrong-0123456789" };
    await expect(keys.put(MEMBER, wrong, false)).rejects.toMatchObject({ code: "key_refused" });
    expect(known.all()).not.toContain(wrong.key);
    await keys.put(MEMBER, modelKey, false);
    expect([known.of(MEMBER), known.of(OWNER.id), known.all()].map((list) => list.includes(KEY))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("is still one for a while after it was replaced or removed: a sandbox may say it yet", async () => {
    const { keys, known } = await open();
    await keys.put(OWNER.id, { ...modelKey, key: "sk-first-0123456789" }, true);
    const { key } = await keys.put(OWNER.id, modelKey, false);
    await keys.remove(OWNER.id, key.id);
    expect(known.of(OWNER.id)).toEqual(expect.arrayContaining(["sk-first-0123456789", KEY]));
  });

  test("is one of a bounded number", async () => {
    const { keys } = await open();
    const put = (number: number) =>
      keys.put(OWNER.id, { purpose: "github", baseUrl: `https://g${number}.example.com`, key: KEY }, true);
    for (let number = 0; number < 50; number++) await put(number);
    await expect(put(50)).rejects.toMatchObject({ code: "invalid_request" });
    expect((await put(0)).isNew).toBe(false);
  });

  test("can be tried again, and removed", async () => {
    const { keys, vault } = await open();
    const { key } = await keys.put(OWNER.id, modelKey, true);
    expect(await keys.check(OWNER.id, key.id)).toMatchObject({ check: "ok" });
    expect((await keys.list(OWNER.id))[0]).toMatchObject({ check: "ok" });
    await keys.remove(OWNER.id, key.id);
    expect(await vault.modelUpstream(OWNER.id)).toBeNull();
    await expect(keys.remove(OWNER.id, key.id)).rejects.toMatchObject({ code: "not_found" });
  });

  test("is nobody else's to see, try, use or remove", async () => {
    const { keys, vault } = await open();
    const { key } = await keys.put(OWNER.id, modelKey, false);
    expect(await keys.list(MEMBER)).toEqual([]);
    expect(await vault.modelUpstream(MEMBER)).toBeNull();
    await expect(keys.check(MEMBER, key.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(keys.remove(MEMBER, key.id)).rejects.toMatchObject({ code: "not_found" });
  });

  test("does not open when its row was moved to another user, or given another address", async () => {
    const { keys, vault, database } = await open();
    await keys.put(OWNER.id, modelKey, false);
    await database.updateTable("keys").set({ user_id: MEMBER }).execute();
    await expect(vault.modelUpstream(MEMBER)).rejects.toMatchObject({ code: "model_key_missing" });
    const [{ id } = { id: "" }] = await keys.list(MEMBER);
    expect(await keys.check(MEMBER, id)).toMatchObject({ check: "unreadable" });
    await database
      .updateTable("keys")
      .set({ user_id: OWNER.id, base_url: "https://evil.example.com" })
      .execute();
    await expect(vault.modelUpstream(OWNER.id)).rejects.toMatchObject({ code: "model_key_missing" });
  });
});

describe("what is kept", () => {
  test("is opened when it is used and when it is tried, and by nothing else that is asked of it", async () => {
    const { bytes, id } = namedKey(randomBytes(32));
    let uses = 0;
    const master = {
      ...{ id, source: "file" as const, previous: [] },
      get bytes() {
        uses++;
        return bytes;
      },
    };
    const { keys, vault } = await open({ master });
    const { key } = await keys.put(OWNER.id, modelKey, false);
    const repository = "https://github.com/o/n";
    await keys.putSecret(OWNER.id, { repository, name: "A", value: "canary-value-0123", isForAgent: false });
    const usesOf = async (work: () => Promise<unknown>) => {
      const before = uses;
      await work();
      return uses - before;
    };
    expect(await usesOf(() => keys.list(OWNER.id))).toBe(0);
    expect(await usesOf(() => keys.secrets(OWNER.id, null))).toBe(0);
    expect(await usesOf(() => vault.hasModelKey())).toBe(0);
    expect(await usesOf(() => vault.modelUpstream(OWNER.id))).toBe(1);
    expect(await usesOf(() => vault.repositorySecrets(OWNER.id, repository))).toBe(1);
    expect(await usesOf(() => keys.check(OWNER.id, key.id))).toBe(1);
    expect(await usesOf(() => keys.remove(OWNER.id, key.id))).toBe(0);
  });
});

describe("the keys of the server's environment", () => {
  const server = {
    ...NO_SERVER_KEYS,
    anthropicKey: "the-servers-own-key",
    githubUrl: "https://github.com",
    githubToken: "ghp_the-servers-own",
  };

  test("are the owner's, and no member's", async () => {
    const { vault } = await open({ server });
    expect(await vault.modelUpstream(OWNER.id)).toMatchObject({ apiKey: "the-servers-own-key" });
    expect(await vault.forgeToken(OWNER.id, "github.com")).toBe("ghp_the-servers-own");
    expect(await vault.modelUpstream(MEMBER)).toBeNull();
    expect(await vault.forgeToken(MEMBER, "github.com")).toBeNull();
  });

  test("are told to the owner as long as they are used, by purpose and host alone", async () => {
    const { keys } = await open({ server: { ...server, anthropicUrl: "https://api.anthropic.com" } });
    const github = { purpose: "github" as const, host: "github.com" };
    expect(await keys.serverKeys(OWNER.id)).toEqual([
      { purpose: "model", host: "api.anthropic.com" },
      github,
    ]);
    expect(await keys.serverKeys(MEMBER)).toEqual([]);
    await keys.put(OWNER.id, { ...modelKey, baseUrl: claude.url }, true);
    expect(await keys.serverKeys(OWNER.id)).toEqual([github]);
  });

  test("go for no other host, and give way to a key of the owner's own", async () => {
    const { vault, keys } = await open({ server: { ...server, anthropicUrl: "https://m.example.com/v1" } });
    expect((await vault.modelUpstream(OWNER.id))?.baseUrl).toBe("https://m.example.com");
    expect(await vault.forgeToken(OWNER.id, "gitlab.com")).toBeNull();
    await keys.put(OWNER.id, { purpose: "github", key: "ghp_of-the-owner" }, true);
    expect(await vault.forgeToken(OWNER.id, "github.com")).toBe("ghp_of-the-owner");
  });
});

describe("an address of the server's own networks", () => {
  const inside = { resolve: async () => ["127.0.0.1"] };
  const key = { ...modelKey, baseUrl: "https://model.example.com" };

  test("is refused a member when the key comes in, checked or not", async () => {
    const { keys } = await open(inside);
    for (const isUnchecked of [true, false])
      await expect(keys.put(MEMBER, key, isUnchecked)).rejects.toMatchObject({ code: "address_refused" });
    expect(await keys.list(MEMBER)).toEqual([]);
  });

  test("is refused a member at each call too, when the name leads elsewhere by then", async () => {
    let addresses = [PUBLIC];
    const { keys, vault } = await open({ resolve: async () => addresses });
    await keys.put(MEMBER, key, true);
    expect(await vault.modelUpstream(MEMBER)).toMatchObject({ address: PUBLIC });
    addresses = ["127.0.0.1"];
    await expect(vault.modelUpstream(MEMBER)).rejects.toMatchObject({ code: "address_refused" });
  });

  test("is refused a member over http too, where everybody on the way reads the key", async () => {
    const { keys } = await open();
    const clear = { ...key, baseUrl: "http://model.example.com" };
    await expect(keys.put(MEMBER, clear, true)).rejects.toMatchObject({ code: "address_refused" });
  });

  test("is the owner's to use, and the server's own address is everybody's", async () => {
    const { keys, vault } = await open(inside);
    expect((await keys.put(OWNER.id, { ...modelKey, baseUrl: claude.url }, false)).key.check).toBe("ok");
    await keys.put(MEMBER, modelKey, false);
    expect(await vault.modelUpstream(MEMBER)).toEqual({
      baseUrl: claude.url,
      apiKey: KEY,
      isBearer: false,
      address: null,
    });
  });
});

describe("a repository's secrets", () => {
  const secret = {
    repository: "https://github.com/o/n.git",
    name: "TOKEN",
    value: "canary-value-0123456789",
    isForAgent: false,
  };

  test("are found by any address of the repository, for their own user alone", async () => {
    const { keys, known, vault } = await open();
    await keys.putSecret(OWNER.id, secret);
    for (const address of ["https://github.com/o/n", "git@github.com:o/n.git"])
      expect(await vault.repositorySecrets(OWNER.id, address)).toEqual([
        { name: "TOKEN", value: "canary-value-0123456789", isForAgent: false },
      ]);
    expect(await vault.repositorySecrets(OWNER.id, "https://github.com/o/other")).toEqual([]);
    expect(await vault.repositorySecrets(MEMBER, secret.repository)).toEqual([]);
    expect([known.of(OWNER.id), known.of(MEMBER)].map((list) => list.includes(secret.value))).toEqual([
      true,
      false,
    ]);
  });

  test("are learnt for a task that an earlier process of the server gave them to", async () => {
    const { keys, known, vault, keyStore } = await open();
    await keys.putSecret(OWNER.id, secret);
    const [row] = await keyStore.secrets(OWNER.id, null);
    if (row) await keyStore.putSecret({ ...row, name: "BROKEN", sealed: { ...row.sealed, box: "" } });
    known.retire(OWNER.id, JSON.stringify(["secret", "github.com/o/n", "TOKEN"]));
    await vault.learn(OWNER.id, secret.repository);
    expect(known.of(OWNER.id)).toContain(secret.value);
    expect(known.of(MEMBER)).not.toContain(secret.value);
  });

  test("are a bounded number", async () => {
    const { keys } = await open();
    const put = (number: number) => keys.putSecret(OWNER.id, { ...secret, name: `TOKEN_${number}` });
    for (let number = 0; number < 200; number++) await put(number);
    await expect(put(200)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await put(0)).toMatchObject({ name: "TOKEN_0" });
  });

  test("show no value, and can be replaced and removed", async () => {
    const { keys, vault } = await open();
    await keys.putSecret(OWNER.id, secret);
    await keys.putSecret(OWNER.id, { ...secret, value: "another-one", isForAgent: true });
    expect(await keys.secrets(OWNER.id, null)).toMatchObject([
      { repository: "github.com/o/n", name: "TOKEN", isForAgent: true, lastFour: "" },
    ]);
    expect(await vault.repositorySecrets(OWNER.id, secret.repository)).toMatchObject([
      { value: "another-one" },
    ]);
    await keys.removeSecret(OWNER.id, secret.repository, "TOKEN");
    expect(await keys.secrets(OWNER.id, null)).toEqual([]);
    await expect(keys.removeSecret(OWNER.id, secret.repository, "TOKEN")).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("do not open when the database alone was changed to give them to the agent", async () => {
    const { keys, vault, database } = await open();
    await keys.putSecret(OWNER.id, secret);
    await database.updateTable("repository_secrets").set({ for_agent: 1 }).execute();
    await expect(vault.repositorySecrets(OWNER.id, secret.repository)).rejects.toMatchObject({
      code: "conflict",
    });
  });
});
