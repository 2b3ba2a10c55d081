import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { removeOlder } from "./remove-older.ts";
import { SetupError } from "./setup-error.ts";
import { sourceHash } from "./source-hash.ts";

export interface WorkerBinaryOptions {
  /** The repository's root folder. */
  root: string;
  log: (line: string) => void;
}

/** All that goes into the binary; the build script too. */
const SOURCES = [
  "packages/worker/src/**/*",
  "packages/worker/build.ts",
  "packages/protocol/src/**/*",
  "packages/pictures/src/**/*",
  "bun.lock",
];
const NAME = /^worker-[0-9a-f]{12}$/;

/** The path that the binary of the present sources has, whether it is built or not. */
export async function workerBinaryPath(root: string): Promise<string> {
  const seed = `bun ${Bun.version} ${process.platform} ${process.arch}\n`;
  return join(root, "build", `worker-${await sourceHash(root, SOURCES, seed)}`);
}

/**
 * Makes sure that the worker is compiled for the present sources, and gives its path. A half-built file never gets
 * that name. Throws {@link SetupError} when it does not compile.
 */
export async function ensureWorkerBinary(options: WorkerBinaryOptions): Promise<string> {
  const { root, log } = options;
  const path = await workerBinaryPath(root);
  if (await Bun.file(path).exists()) return path;

  log("Compiling the worker …");
  const unfinished = `${path}.${crypto.randomUUID()}.new`;
  await mkdir(join(root, "build"), { recursive: true });
  try {
    const built = await runCommand([process.execPath, join(root, "packages/worker/build.ts"), unfinished]);
    if (built.exitCode !== 0 || !(await Bun.file(unfinished).exists())) {
      throw new SetupError(
        `The worker did not compile:\n${built.lastLines}`,
        "The lines above name the place. A copy without changes of your own compiles with: ./farhand up",
      );
    }
    await chmod(unfinished, 0o755);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  await removeOlder(root, NAME, path);
  return path;
}
