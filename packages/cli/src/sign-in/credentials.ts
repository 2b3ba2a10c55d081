import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { TokenStore } from "@farhand/client";
import { z } from "zod";

type Environment = Readonly<Record<string, string | undefined>>;

const Credentials = z.object({
  /** By the address of the coordinator. */
  servers: z.record(
    z.string(),
    z.object({ accessToken: z.string(), refreshToken: z.string(), expiresAt: z.string() }),
  ),
});
type Credentials = z.infer<typeof Credentials>;

/** Who holds the lock for this long has died with it. */
const LOCK_STALE_MS = 30_000;
const LOCK_POLL_MS = 50;

/** The file of this account's sign-ins. Nobody else on the machine can read it. */
export function credentialsFile(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "farhand", "credentials.json");
}

/** The sign-in at one coordinator, in the file. */
export function credentialStore(path: string, url: string): TokenStore & { forget(): Promise<void> } {
  const server = new URL(url).origin;
  const change = (edit: (all: Credentials) => void) =>
    locked(path, async () => {
      const all = await read(path);
      edit(all);
      await write(path, all);
    });
  return {
    load: async () => (await read(path)).servers[server] ?? null,
    // Who saves has the lock already: tokens are refreshed under it.
    async save(tokens) {
      const all = await read(path);
      all.servers[server] = tokens;
      await write(path, all);
    },
    exclusively: (work) => locked(path, work),
    forget: () => change((all) => delete all.servers[server]),
  };
}

/** Whether somebody has signed in there from this account. */
export async function hasCredentials(env: Environment, url: string): Promise<boolean> {
  return URL.canParse(url) && (await credentialStore(credentialsFile(env), url).load()) !== null;
}

async function read(path: string): Promise<Credentials> {
  try {
    return Credentials.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { servers: {} };
    // One that was damaged is as good as none: signing in writes it anew.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return { servers: {} };
    throw error;
  }
}

/** Whole or not at all, and never readable for others, not for a moment. */
async function write(path: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** Runs the work while no other program of this account does any with the file. */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  for (;;) {
    try {
      await (await open(lock, "wx", 0o600)).close();
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > LOCK_STALE_MS) await rm(lock, { force: true });
      else await Bun.sleep(LOCK_POLL_MS);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}
