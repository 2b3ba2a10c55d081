import { z } from "zod";
import { type Check, failed, passed } from "./check.ts";

const GIB = 1024 ** 3;
const DISK_WARNING_BYTES = 5 * GIB;
const MEMORY_WARNING_BYTES = 1 * GIB;
const CLOCK_TOLERANCE_MS = 60_000;

/** Whether `version` ("2.39.5", "git version 2.39.5 (Apple Git-154)") is at least major.minor. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const match = /(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [ownMajor, ownMinor] = [Number(match[1]), Number(match[2])];
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

export function checkBun(version: string): Check {
  return isAtLeast(version, 1, 4) && !isAtLeast(version, 2, 0)
    ? passed("Bun", version)
    : failed(
        "Bun",
        "error",
        `${version}; 1.4 or later is needed, below 2`,
        "Start Farhand with ./farhand: it brings its own Bun.",
      );
}

/** @param version what `git --version` prints; null when there is no git. */
export function checkGit(version: string | null, hasHttpBackend: boolean): Check {
  const install = "Install git 2.31 or later; on Debian or Ubuntu: sudo apt-get install git";
  if (version === null) return failed("git", "error", "not installed", install);
  const number = version.replace(/^git version /, "").trim();
  if (!isAtLeast(number, 2, 31)) return failed("git", "error", `${number} is too old`, install);
  if (!hasHttpBackend) {
    return failed(
      "git",
      "error",
      `${number} comes without git-http-backend`,
      "Install the distribution's whole git package.",
    );
  }
  return passed("git", `${number} with http-backend`);
}

export function checkDisk(folder: string, freeBytes: number): Check {
  const free = `${(freeBytes / GIB).toFixed(1)} GB free at ${folder}`;
  return freeBytes >= DISK_WARNING_BYTES
    ? passed("Disk", free)
    : failed("Disk", "warning", free, "Make room: images, repositories and checkpoints want 5 GB.");
}

export function checkMemory(availableBytes: number): Check {
  const free = `${(availableBytes / GIB).toFixed(1)} GB available`;
  return availableBytes >= MEMORY_WARNING_BYTES
    ? passed("Memory", free)
    : failed(
        "Memory",
        "warning",
        free,
        "End something, or lower FARHAND_WORKER_MEMORY_MIB and FARHAND_MAX_WORKERS.",
      );
}

/** The value of `MemAvailable` in `/proc/meminfo`, in bytes; null where the kernel tells none. */
export function parseMemAvailable(meminfo: string): number | null {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return match === null ? null : Number(match[1]) * 1024;
}

/** Looks at the form only, and never repeats the key. */
export function checkModelKey(key: string | undefined, customUrl: boolean): Check {
  const name = "Claude key";
  const get =
    "Make a key at https://platform.claude.com/settings/keys, then: export ANTHROPIC_API_KEY=sk-ant-…";
  if (key === undefined || key === "") return failed(name, "error", "ANTHROPIC_API_KEY is not set", get);
  if (key !== key.trim() || /\s/.test(key)) {
    return failed(
      name,
      "error",
      "ANTHROPIC_API_KEY has a space or a line break in it",
      "Set it again, without them.",
    );
  }
  if (!customUrl && !/^sk-ant-[\w-]{20,}$/.test(key)) {
    return failed(name, "error", "ANTHROPIC_API_KEY does not look like a key of the Claude API", get);
  }
  return passed(name, "ANTHROPIC_API_KEY is set");
}

/** What is known of the data folder, or of the nearest folder above it when it does not exist yet. */
export interface FolderFacts {
  exists: boolean;
  writable: boolean;
  /** Permission bits. */
  mode: number;
}

export function checkDataFolder(path: string, facts: FolderFacts): Check {
  const name = "Data folder";
  if (!facts.writable) {
    return failed(
      name,
      "error",
      `${path} cannot be written to`,
      "Give it to this user with chown, or set FARHAND_DATA.",
    );
  }
  if (!facts.exists) return passed(name, `${path} will be made`);
  if ((facts.mode & 0o077) !== 0) {
    const bits = (facts.mode & 0o777).toString(8);
    return failed(name, "warning", `${path} is open to other users (mode ${bits})`, `Run: chmod 700 ${path}`);
  }
  return passed(name, `${path} is writable, and this user's alone`);
}

/**
 * @param newestFile when the newest file of the repository was written: no clock that is right is before it.
 * @param engineTime what the Docker engine's clock says; null when it was not asked.
 */
export function checkClock(now: Date, newestFile: Date, engineTime: Date | null): Check {
  const mend =
    "Set the machine's clock, with sudo timedatectl set-ntp true where systemd runs: certificates depend on it.";
  if (now.getTime() + CLOCK_TOLERANCE_MS < newestFile.getTime()) {
    return failed(
      "Clock",
      "warning",
      `${now.toISOString()} is before this repository's own files were written`,
      mend,
    );
  }
  if (engineTime !== null && Math.abs(engineTime.getTime() - now.getTime()) > CLOCK_TOLERANCE_MS) {
    return failed(
      "Clock",
      "warning",
      `the Docker engine's clock is off: ${engineTime.toISOString()} there`,
      mend,
    );
  }
  return passed("Clock", now.toISOString());
}

/** What `GET /info` of the engine says of itself. Source: https://docs.docker.com/reference/api/engine/ */
export const EngineInfo = z.object({
  ServerVersion: z.string(),
  Driver: z.string(),
  SystemTime: z.string().optional(),
  MemoryLimit: z.boolean().optional(),
  PidsLimit: z.boolean().optional(),
  CpuCfsQuota: z.boolean().optional(),
  SwapLimit: z.boolean().optional(),
  SecurityOptions: z.array(z.string()).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

/** Which of the walls the engine can put up. */
export function checkEngine(info: EngineInfo): Check[] {
  const limits = [
    ["memory", info.MemoryLimit],
    ["processes", info.PidsLimit],
    ["processor time", info.CpuCfsQuota],
  ] as const;
  const missing = limits.flatMap(([what, supported]) => (supported === true ? [] : [what]));
  const seccomp = (info.SecurityOptions ?? []).some((option) => option.startsWith("name=seccomp"));
  return [
    passed("Docker", `${info.ServerVersion}, storage ${info.Driver}`),
    missing.length === 0
      ? passed("Sandbox limits", "memory, processes and processor time")
      : failed(
          "Sandbox limits",
          "error",
          `the engine cannot limit ${missing.join(" and ")}`,
          "Enable the kernel's cgroup controllers (on a Raspberry Pi: cgroup_enable=memory on the kernel's command line).",
        ),
    seccomp
      ? passed("Seccomp", "the engine filters system calls")
      : failed(
          "Seccomp",
          "warning",
          "the engine does not filter system calls",
          "Use an engine and a kernel with seccomp: without it a sandbox has one wall less.",
        ),
    ...(info.SwapLimit === false
      ? [
          failed(
            "Swap limit",
            "warning",
            "a sandbox may use swap beyond its memory limit",
            "Boot with swapaccount=1 on the kernel's command line, or turn swap off.",
          ),
        ]
      : []),
  ];
}
