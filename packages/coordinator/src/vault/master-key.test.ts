import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveKey, masterKey, namedKey, writeKeys } from "./master-key.ts";

const root = await mkdtemp(join(tmpdir(), "farhand-master-"));
afterAll(() => rm(root, { recursive: true, force: true }));
const folder = () => mkdtemp(join(root, "data-"));

describe("the master key", () => {
  test("is made at the first start, in a file that its owner alone may read, and stays the same", async () => {
    const data = await folder();
    const first = await masterKey(data, {});
    expect(first).toMatchObject({ source: "file", previous: [] });
    expect(first.bytes).toHaveLength(32);
    expect((await stat(join(data, "master.key"))).mode & 0o777).toBe(0o600);
    expect(await masterKey(data, {})).toEqual(first);
    expect((await masterKey(await folder(), {})).id).not.toBe(first.id);
  });

  test("is taken from the environment in hex or base64, and no file is made then", async () => {
    const data = await folder();
    const bytes = randomBytes(32);
    const forms = [
      bytes.toString("hex"),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      `${bytes.toString("base64")}\n`,
    ];
    for (const form of forms) {
      const key = await masterKey(data, { FARHAND_MASTER_KEY: form });
      expect(key).toMatchObject({ id: namedKey(bytes).id, source: "environment" });
      expect(Buffer.from(key.bytes).equals(bytes)).toBe(true);
    }
    expect(await Bun.file(join(data, "master.key")).exists()).toBe(false);
  });

  test("is refused when it is too short, too long or no such text, without being repeated", async () => {
    const data = await folder();
    for (const wrong of [
      "hunter2hunter2",
      randomBytes(31).toString("hex"),
      randomBytes(33).toString("base64"),
      "z".repeat(64),
    ]) {
      const error = await masterKey(data, { FARHAND_MASTER_KEY: wrong }).catch((it: unknown) => it);
      expect(error).toMatchObject({ code: "invalid_request" });
      expect(String(error)).not.toContain(wrong);
    }
    await writeFile(join(data, "master.key"), "");
    await expect(masterKey(data, {})).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("has a name that tells nothing of it", () => {
    const bytes = randomBytes(32);
    const { id } = namedKey(bytes);
    expect(bytes.toString("hex")).not.toContain(id);
    expect(namedKey(bytes).id).toBe(id);
  });

  test("stands before the keys that a rotation has not let go of yet", async () => {
    const data = await folder();
    const [now, before] = [randomBytes(32), randomBytes(32)];
    await writeKeys(join(data, "master.key"), [now, before]);
    const key = await masterKey(data, {});
    expect(key.id).toBe(namedKey(now).id);
    expect(key.previous.map(({ id }) => id)).toEqual([namedKey(before).id]);
  });
});

test("a key for one use follows from the master key, and differs from those for others", () => {
  const master = namedKey(randomBytes(32));
  expect(deriveKey(master, "a")).toEqual(deriveKey(master, "a"));
  expect(deriveKey(master, "a")).not.toEqual(deriveKey(master, "b"));
  expect(deriveKey(master, "a")).toHaveLength(32);
});
