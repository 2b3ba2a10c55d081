import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { SetupError } from "./setup-error.ts";

export const appFolder = (root: string): string => join(root, "packages", "mobile");

const RETRY_MS = 500;

/**
 * Makes sure that the app's own dependencies are there as its lock file says. They are apart from all others: nothing but
 * the app's builds and tests needs them, and they are twice as much as all the rest. @throws SetupError
 */
export async function ensureAppDependencies(root: string, log: (line: string) => void): Promise<void> {
  const folder = appFolder(root);
  const lockFile = join(folder, "bun.lock");
  const stamp = join(folder, "node_modules", ".farhand-stamp");
  const isUpToDate = async () => (await text(stamp)) === (await text(lockFile));
  if (await isUpToDate()) return;
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await using _turn = await takeTurn(join(folder, "node_modules", ".farhand-installing"));
  // Whoever was before may have done it.
  if (await isUpToDate()) return;
  log("Installing the app's dependencies …");
  const installed = await runCommand([process.execPath, "install", "--frozen-lockfile"], { cwd: folder });
  if (installed.exitCode !== 0)
    throw new SetupError(
      `The app's dependencies could not be installed:\n${installed.lastLines}`,
      "Check the network, then run this again.",
    );
  await copyFile(lockFile, `${stamp}.new`);
  await rename(`${stamp}.new`, stamp);
}

const text = (path: string) => readFile(path, "utf8").catch(() => null);

/** A folder is made by one alone. One whose maker is gone counts as not there. */
async function takeTurn(path: string): Promise<AsyncDisposable> {
  const owner = join(path, "pid");
  for (;;) {
    try {
      await mkdir(path);
      break;
    } catch {
      const pid = Number(await text(owner));
      if (pid > 0 && !isRunning(pid)) await rm(path, { recursive: true, force: true });
      else await Bun.sleep(RETRY_MS);
    }
  }
  await writeFile(owner, String(process.pid));
  return { [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
