import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import { runCommand } from "./command.ts";
import { SetupError } from "./setup-error.ts";

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
  "bun.lock",
];
const NAME = /^worker-[0-9a-f]{12}$/;

/** Older binaries that are kept: a server that still runs may be mounting them. */
const KEPT = 1;

/** The path that the binary of the present sources has, whether it is built or not. */
export async function workerBinaryPath(root: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(`bun ${Bun.version} ${process.platform} ${process.arch}\n`);
  for (const pattern of SOURCES) {
    for (const path of (await Array.fromAsync(new Glob(pattern).scan({ cwd: root }))).toSorted()) {
      if (/\.test\.ts$/.test(path)) continue;
      const bytes = await Bun.file(join(root, path)).bytes();
      hash.update(`${path} ${bytes.length}\n`).update(bytes);
    }
  }
  return join(root, "build", `worker-${hash.digest("hex").slice(0, 12)}`);
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
  await removeOlder(root, path);
  return path;
}

async function removeOlder(root: string, current: string): Promise<void> {
  const folder = join(root, "build");
  const others = (await readdir(folder)).filter((name) => NAME.test(name) && join(folder, name) !== current);
  const aged = await Promise.all(
    others.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      // Another run may be removing it just now.
      return found === null ? [] : [{ name, builtMs: found.mtimeMs }];
    }),
  );
  for (const { name } of aged
    .flat()
    .toSorted((a, b) => b.builtMs - a.builtMs)
    .slice(KEPT)) {
    await rm(join(folder, name), { force: true });
  }
}
