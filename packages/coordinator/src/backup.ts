/**
 * Saves the data folder (FARHAND_DATA) into an archive, or restores one into it: `backup.ts save FILE`, `backup.ts
 * restore FILE`. Wiring only. Says on standard output how it goes, one JSON object a line.
 */
import { mkdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import packageJson from "../package.json";
import { restore } from "./backup/restore.ts";
import { save } from "./backup/save.ts";
import type { BackupTools, Progress } from "./backup/tools.ts";
import { checkDatabase, commitsOfTasks, copyDatabase } from "./database/copy.ts";
import { lockDataFolder } from "./database/lock.ts";
import { knownMigrations } from "./database/open.ts";
import { FarhandError, failure } from "./domain/failure.ts";
import { Git, WHOLE_REPOSITORY_MAX_MEMORY_BYTES } from "./repos/git.ts";

const announce = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(signal: AbortSignal): Promise<void> {
  const [command, name] = process.argv.slice(2);
  if ((command !== "save" && command !== "restore") || name === undefined)
    throw failure("invalid_request", "Say `save FILE` or `restore FILE`.", "See: farhand backup --help");
  const git = new Git({ stallSeconds: 60, maxMemoryBytes: WHOLE_REPOSITORY_MAX_MEMORY_BYTES });
  const tools: BackupTools = {
    git: (gitCommand) => git.run(gitCommand),
    copyDatabase,
    checkDatabase,
    commitsOfTasks,
    knownMigrations: knownMigrations(),
    version: packageJson.version,
  };
  const dataDirectory = resolve(process.env.FARHAND_DATA || "./data");
  const report = (progress: Progress) => announce({ event: "progress", ...progress });
  const options = { dataDirectory, file: resolve(name), report, signal };
  if (command === "save") announce({ event: "saved", ...(await save(tools, options)) });
  else announce({ event: "restored", ...(await locked(dataDirectory, () => restore(tools, options))) });
}

/** Works in a data folder that no coordinator may use meanwhile. What was made for nothing is removed again. */
async function locked<T>(dataDirectory: string, work: () => Promise<T>): Promise<T> {
  const lockFile = join(dataDirectory, "coordinator.lock");
  const hadLock = await exists(lockFile);
  const madeFrom = await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    using _lock = lockDataFolder(lockFile, dataDirectory);
    return await work();
  } catch (error) {
    if (!hadLock) await rm(lockFile, { force: true });
    if (madeFrom !== undefined)
      for (let folder = dataDirectory; folder.startsWith(madeFrom); folder = dirname(folder))
        await rmdir(folder);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Aborts when the program is told to stop, so that it leaves nothing half-done behind. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.once(name, () =>
      controller.abort(failure("conflict", "Stopped before it was done.", "Run it again.")),
    );
  return controller.signal;
}

try {
  await main(stopSignal());
} catch (error) {
  if (!(error instanceof FarhandError)) throw error;
  const { code, message, action } = error.failure;
  announce({ event: "failed", code, message, action });
  // Not at once: what was said last may still wait in the pipe.
  process.exitCode = 1;
}
