import { readdir } from "node:fs/promises";

/** One line of the kernel's process table. Source: proc_pid_stat(5) */
export interface ProcessEntry {
  pid: number;
  parentPid: number;
  sessionId: number;
  /** Ended, but not yet waited for by its parent. */
  zombie: boolean;
  /** Clock ticks since boot: with the pid it names one process, since pids are used again. */
  startTicks: number;
}

/** Null for a line that is cut off or not one. */
export function parseStat(line: string): ProcessEntry | null {
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const match = /^(\d+) \(.*\) (\S) (.*)$/s.exec(line.trim());
  const fields = match?.[3]?.split(" ").map(Number) ?? [];
  const [parentPid, , sessionId] = fields;
  const startTicks = fields[18];
  if (match === null || parentPid === undefined || sessionId === undefined || startTicks === undefined)
    return null;
  const state = match[2];
  return { pid: Number(match[1]), parentPid, sessionId, zombie: state === "Z" || state === "X", startTicks };
}

/** All processes that are alive. */
export async function readProcessTable(): Promise<ProcessEntry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map(readProcess));
  return entries.filter((entry): entry is ProcessEntry => entry !== null && !entry.zombie);
}

async function readProcess(pid: string): Promise<ProcessEntry | null> {
  try {
    return parseStat(await Bun.file(`/proc/${pid}/stat`).text());
  } catch {
    // It ended between the listing and the reading.
    return null;
  }
}

/**
 * What belongs to a sandbox: `root`, the helpers that it started itself, and below them the worker with all that it
 * started, also what has left the process group or lost its parent.
 */
export interface ProcessFamily {
  /** The supervising shell and its direct children; empty when the shell is dead. */
  supervisors: number[];
  /** The worker itself, when it is alive. */
  worker: number | null;
  /** The worker and everything else of the family. */
  others: number[];
}

export function findFamily(table: ProcessEntry[], root: { pid: number; startTicks: number }): ProcessFamily {
  const shell = table.find((entry) => entry.pid === root.pid && entry.startTicks === root.startTicks);
  const reused = shell === undefined && table.some((entry) => entry.pid === root.pid);
  const direct = shell === undefined ? [] : table.filter((entry) => entry.parentPid === shell.pid);
  const supervisors = shell === undefined ? [] : [shell.pid, ...direct.map((entry) => entry.pid)];
  const worker = table.find((entry) => direct.some((parent) => parent.pid === entry.parentPid))?.pid ?? null;

  // A session id is a pid too: where the pid is used again, the session may be somebody else's.
  const family = new Set<number>(supervisors);
  for (const entry of table) if (!reused && entry.sessionId === root.pid) family.add(entry.pid);
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const entry of table) if (family.has(entry.parentPid)) family.add(entry.pid);
  }
  return { supervisors, worker, others: [...family].filter((pid) => !supervisors.includes(pid)) };
}
