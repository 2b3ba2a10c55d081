import { readdir } from "node:fs/promises";

/** Processes of the suite's namespace, those in containers too, whose command line holds the text. */
export async function processesWith(text: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const line = await Bun.file(`/proc/${pid}/cmdline`)
      .text()
      .catch(() => "");
    if (line.replaceAll("\0", " ").includes(text)) found.push(pid);
  }
  return found;
}

/** Resident memory of a process in bytes; 0 for one that has ended. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`)
    .text()
    .catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Ends a process, which may have ended by itself. */
export function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was quicker.
  }
}

/**
 * Watches processes until one of them takes more memory than that, or they have run for that long, and kills them then:
 * what shows that there is no bound must not use the machine up.
 *
 * @returns what was seen
 */
export async function grows(
  pids: () => Promise<number[]>,
  bound: { bytes: number; ms: number },
): Promise<string> {
  const startedAt = performance.now();
  for (;;) {
    const found = await pids();
    const sizes = await Promise.all(found.map(memoryOf));
    const largest = Math.max(0, ...sizes);
    const elapsedMs = performance.now() - startedAt;
    if (largest > bound.bytes || elapsedMs > bound.ms) {
      for (const pid of found) end(pid);
      return `${Math.round(largest / 1024 ** 2)} MiB after ${(elapsedMs / 1000).toFixed(1)} s`;
    }
    await Bun.sleep(50);
  }
}
