import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OWNER, openStores } from "../../test/stores.ts";
import type { KeyStore } from "../domain/key-store.ts";
import { createKnownSecrets } from "./known-secrets.ts";
import { masterKey } from "./master-key.ts";
import { rotateMasterKey } from "./rotate.ts";

const root = await mkdtemp(join(tmpdir(), "farhand-rotate-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const SECRET = { repository: "/srv/shop", name: "TOKEN", value: "canary-value-0123456789", isForAgent: true };

const TEXT = { userId: "", purpose: "vapid", subject: "web push" };

/** A data folder with a key and a secret in it. */
async function filled(environment: Record<string, string> = {}) {
  const dataDirectory = await mkdtemp(join(root, "data-"));
  const path = join(dataDirectory, "agent.db");
  const open = async () =>
    openStores(path, {
      master: await masterKey(dataDirectory, environment),
      known: createKnownSecrets([], { now: () => new Date() }),
    });
  {
    await using stores = await open();
    await stores.keys.put(OWNER.id, { purpose: "model", key: "sk-ant-canary-0123456789" }, true);
    await stores.keys.putSecret(OWNER.id, SECRET);
    await stores.safe.put(TEXT, "a text of the server's own");
  }
  /** What can still be read, as a server that starts would. */
  const readable = async (env = environment) => {
    await using stores = await openStores(path, { master: await masterKey(dataDirectory, env) });
    const upstream = await stores.vault.modelUpstream(OWNER.id).catch(() => null);
    const secrets = await stores.vault.repositorySecrets(OWNER.id, SECRET.repository).catch(() => []);
    return [upstream?.apiKey, secrets[0]?.value, (await stores.safe.open(TEXT, () => [])) ?? undefined];
  };
  return { dataDirectory, open, readable };
}

const ALL = ["sk-ant-canary-0123456789", SECRET.value, "a text of the server's own"];

describe("a rotation of the master key", () => {
  test("seals everything anew, and the old key opens nothing afterwards", async () => {
    const { dataDirectory, open, readable } = await filled();
    const old = await masterKey(dataDirectory, {});
    await using stores = await open();
    const boxes = async () => (await stores.keyStore.keys(OWNER.id)).map(({ sealed }) => sealed);
    const before = await boxes();
    const rotated = await rotateMasterKey({ dataDirectory, environment: {}, store: stores.keyStore });
    expect(rotated).toMatchObject({ from: old.id, resealed: 3, unreadable: 0, source: "file" });
    expect(await readable()).toEqual(ALL);
    expect(await readable({ FARHAND_MASTER_KEY: Buffer.from(old.bytes).toString("hex") })).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect((await masterKey(dataDirectory, {})).previous).toEqual([]);
    expect((await boxes()).map(({ keyId }) => keyId)).toEqual([rotated.to]);
    expect(await boxes()).not.toEqual(before);
  });

  test.each(["before", "within", "after"] as const)(
    "that is cut off %s its transaction loses nothing, and is made good by another",
    async (when) => {
      const { dataDirectory, open, readable } = await filled();
      await using stores = await open();
      const real = stores.keyStore;
      const cut: KeyStore = {
        ...real,
        async resealAll(reseal) {
          if (when === "before") throw new Error("power cut");
          if (when === "within")
            return real.resealAll({
              ...reseal,
              secret: () => {
                throw new Error("power cut");
              },
            });
          await real.resealAll(reseal);
          throw new Error("power cut");
        },
      };
      const options = { dataDirectory, environment: {} };
      await expect(rotateMasterKey({ ...options, store: cut })).rejects.toThrow("power cut");
      expect(await readable()).toEqual(ALL);
      expect(await rotateMasterKey({ ...options, store: real })).toMatchObject({
        resealed: 3,
        unreadable: 0,
      });
      expect(await readable()).toEqual(ALL);
      expect((await masterKey(dataDirectory, {})).previous).toEqual([]);
    },
  );

  test("of a key in the environment needs the new one named, and makes no file", async () => {
    const [now, next] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const environment = { FARHAND_MASTER_KEY: now };
    const { dataDirectory, open, readable } = await filled(environment);
    await using stores = await open();
    const rotate = (FARHAND_NEW_MASTER_KEY?: string) =>
      rotateMasterKey({
        dataDirectory,
        environment: { ...environment, ...(FARHAND_NEW_MASTER_KEY ? { FARHAND_NEW_MASTER_KEY } : {}) },
        store: stores.keyStore,
      });
    await expect(rotate()).rejects.toMatchObject({ code: "invalid_request" });
    await expect(rotate(now)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await readable()).toEqual(ALL);
    expect(await rotate(next)).toMatchObject({ resealed: 3, source: "environment" });
    expect(await readable()).toEqual([undefined, undefined]);
    expect(await readable({ FARHAND_MASTER_KEY: next })).toEqual(ALL);
    expect(await Bun.file(join(dataDirectory, "master.key")).exists()).toBe(false);
  });

  test("leaves what no key at hand opens as it is, and counts it", async () => {
    const { dataDirectory, open } = await filled();
    await rm(join(dataDirectory, "master.key"));
    await using stores = await open();
    await stores.keys.put(OWNER.id, { purpose: "gitlab", key: "glpat-canary" }, true);
    const store = stores.keyStore;
    expect(await rotateMasterKey({ dataDirectory, environment: {}, store })).toMatchObject({
      resealed: 1,
      unreadable: 3,
    });
  });
});
