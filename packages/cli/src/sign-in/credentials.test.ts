import { afterEach, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { credentialStore, credentialsFile, hasCredentials } from "./credentials.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function homeFolder() {
  const home = await mkdtemp(join(tmpdir(), "farhand-home-"));
  folders.push(home);
  return { HOME: home };
}

const tokens = (name: string) => ({
  accessToken: `a-${name}`,
  refreshToken: `r-${name}`,
  expiresAt: "2026-01-01T00:00:00.000Z",
});

test("the file is the account's alone, and holds a sign-in for each coordinator", async () => {
  const env = await homeFolder();
  const path = credentialsFile(env);
  expect(path).toBe(join(env.HOME, ".config/farhand/credentials.json"));
  const [one, two] = ["https://one.example", "https://two.example/"].map((url) => credentialStore(path, url));
  await one?.exclusively(() => one.save(tokens("one")));
  await two?.exclusively(() => two.save(tokens("two")));
  expect([await one?.load(), await two?.load()]).toEqual([tokens("one"), tokens("two")]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  // One that others could read is made safe again when it is next written.
  await chmod(path, 0o644);
  await one?.exclusively(() => one.save(tokens("later")));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await one?.forget();
  expect([
    await hasCredentials(env, "https://one.example"),
    await hasCredentials(env, "https://two.example"),
  ]).toEqual([false, true]);
  expect(await readdir(dirname(path))).toEqual(["credentials.json"]);
});

test("whoever has the lock is alone, one who died with it is not waited for, and a damaged file is as none", async () => {
  const env = await homeFolder();
  const path = credentialsFile(env);
  const store = credentialStore(path, "https://one.example");
  let inside = 0;
  let most = 0;
  await Promise.all(
    [1, 2, 3, 4].map(() =>
      store.exclusively(async () => {
        inside += 1;
        most = Math.max(most, inside);
        await Bun.sleep(5);
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
  await Bun.write(`${path}.lock`, "");
  await utimes(`${path}.lock`, 0, 0);
  await Bun.write(path, "{ not json");
  expect(await store.exclusively(() => store.load())).toBeNull();
});
