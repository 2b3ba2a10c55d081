import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";
import { startEngine } from "./engine.ts";
import { claim, runsUs } from "./process-claim.ts";
import { mountSmallDisk } from "./small-disk.ts";
import type { Ground } from "./system.ts";

/** Short, because sockets lie below it and their paths have a limit. */
const PREFIX = "fh-faults-";

export interface SuiteGround extends Ground, AsyncDisposable {
  /** Leaves no container and no volume, after a round that failed. */
  reset(): Promise<void>;
}

/** Mounts the disk and starts the engine. Whatever a run that was killed has left is removed first. */
export async function openGround(options: {
  cache: string;
  workerBinary: string;
  workerImage: string;
}): Promise<SuiteGround> {
  await removeStale();
  const folder = `/tmp/${PREFIX}${process.pid}`;
  await mkdir(folder);
  const stack = new AsyncDisposableStack();
  try {
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(options.cache, { recursive: true });
    // Two engines on one data root would ruin it.
    stack.use(await claim(`${options.cache}.pid`, options.cache));
    // Before the engine: its mounts are a copy of those that are there when it starts.
    const disk = stack.use(await mountSmallDisk(join(folder, "disk")));
    const engine = stack.use(await startEngine({ folder, cache: options.cache, image: options.workerImage }));
    const { workerBinary, workerImage } = options;
    return {
      engine,
      disk,
      workerBinary,
      workerImage,
      reset: async () => {
        await disk.free();
        await engine.reset();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function removeStale(): Promise<void> {
  for (const name of await readdir("/tmp")) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : Number.NaN);
    if (!Number.isInteger(pid) || (await runsUs(pid))) continue;
    const disk = `/tmp/${name}/disk`;
    // Not mounted when the run died early.
    await command("umount", "--lazy", disk).catch(() => undefined);
    await rm(`/tmp/${name}`, { recursive: true, force: true });
  }
}
