import { readFile, statfs } from "node:fs/promises";
import type { BudgetUse, ErrorCode } from "@farhand/protocol";

/** Why no sandbox may start just now; null when one may. `use` is the limit that is used up, where that is why. */
export type Shortage = { code: ErrorCode; message: string; use?: BudgetUse } | null;

/**
 * Measures whether the machine has room for one more sandbox, beside `starting` ones that are about to use theirs. Starting one that has none would make it, and those that
 * run, fail; waiting costs time only.
 */
export function createCapacity(options: {
  dataDirectory: string;
  diskFreeBytes: number;
  workerStartBytes: number;
}): (starting: number) => Promise<Shortage> {
  return async (starting) => {
    const { bavail, bsize } = await statfs(options.dataDirectory);
    const diskBytes = bavail * bsize;
    if (diskBytes < options.diskFreeBytes)
      return {
        code: "disk_full",
        message: `The server's disk has ${mib(diskBytes)} MiB left, and a task starts with ${mib(options.diskFreeBytes)} MiB only: it waits until there is more.`,
      };
    const availableBytes = await availableMemory();
    // Those that have just been started have not taken theirs yet.
    const memoryBytes =
      availableBytes === null ? null : Math.max(0, availableBytes - starting * options.workerStartBytes);
    if (memoryBytes !== null && memoryBytes < options.workerStartBytes)
      return {
        code: "memory_low",
        message: `The server has ${mib(memoryBytes)} MiB of memory left, and a sandbox starts with ${mib(options.workerStartBytes)} MiB only: the task waits until there is more.`,
      };
    return null;
  };
}

const mib = (bytes: number) => Math.floor(bytes / 1024 / 1024);

/** What the kernel says can be used without swapping, and no more than the coordinator's own control group leaves. */
async function availableMemory(): Promise<number | null> {
  const [machine, limit, used] = await Promise.all([
    read("/proc/meminfo").then((text) => /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1]),
    read("/sys/fs/cgroup/memory.max"),
    read("/sys/fs/cgroup/memory.current"),
  ]);
  const amounts: number[] = [];
  if (machine) amounts.push(Number(machine) * 1024);
  if (/^\d+\s*$/.test(limit) && /^\d+\s*$/.test(used)) amounts.push(Number(limit) - Number(used));
  return amounts.length > 0 ? Math.min(...amounts) : null;
}

async function read(path: string): Promise<string> {
  // Not every kernel and container has every file.
  return readFile(path, "utf8").catch(() => "");
}
