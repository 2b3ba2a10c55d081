import { access, constants, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { Liveness } from "@farhand/protocol";
import type Docker from "dockerode";
import { readServerSettings } from "../server/server-settings.ts";
import { type Check, failed, passed } from "./check.ts";
import { ensureDocker } from "./engine.ts";
import { engineSocket, probeEngine } from "./engine-probe.ts";
import { findWorkerImage } from "./image.ts";
import {
  checkBun,
  checkClock,
  checkDataFolder,
  checkDisk,
  checkEngine,
  checkGit,
  checkMemory,
  checkModelKey,
  EngineInfo,
  parseMemAvailable,
} from "./machine-checks.ts";
import {
  checkGitMemory,
  checkProxy,
  checkRuntime,
  checkUserNamespaces,
  checkWorkspaceQuota,
} from "./wall-checks.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const PORT_PROBE_LIMIT_MS = 2_000;

/** Looks at all that Farhand needs of this machine. Changes nothing, and throws for bugs only. */
export async function runDoctor(options: { root: string; env: Environment }): Promise<Check[]> {
  const { root, env } = options;
  const settings = readServerSettings(env, root);
  const standing = await nearestFolder(settings.dataDirectory);
  const [git, engine, port, disk, memory, clockFile, folder] = await Promise.all([
    examineGit(),
    examineEngine(root, env),
    examinePort(env),
    statfs(standing),
    availableMemory(),
    stat(join(root, "bun.lock")),
    folderFacts(settings.dataDirectory, standing),
  ]);
  return [
    checkBun(Bun.version),
    git,
    checkGitMemory(Bun.which("prlimit") !== null),
    ...engine.checks,
    ...checkProxy(env),
    checkDisk(standing, disk.bavail * disk.bsize),
    checkMemory(memory),
    port,
    checkModelKey(env.ANTHROPIC_API_KEY, Boolean(env.FARHAND_ANTHROPIC_URL)),
    checkDataFolder(settings.dataDirectory, folder),
    checkClock(new Date(), clockFile.mtime, engine.time),
  ];
}

async function examineGit(): Promise<Check> {
  if (Bun.which("git") === null) return checkGit(null, false);
  const [version, programs] = await Promise.all([
    printed(["git", "--version"]),
    printed(["git", "--exec-path"]),
  ]);
  return checkGit(version, await Bun.file(join(programs, "git-http-backend")).exists());
}

async function printed(argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  return (await child.stdout.text()).trim();
}

async function examineEngine(
  root: string,
  env: Environment,
): Promise<{ checks: Check[]; time: Date | null }> {
  if (env.FARHAND_SANDBOX === "process") {
    const detail = "FARHAND_SANDBOX=process: workers run without any isolation";
    return { checks: [failed("Sandbox", "warning", detail, "Unset it to use Docker.")], time: null };
  }
  const socketPath = engineSocket(env);
  const probe = socketPath === null ? null : await probeEngine(socketPath);
  if (probe?.status !== "answers") {
    // Allowed to do nothing, it says what there is to do.
    const state = await ensureDocker({ log: () => {}, allowInstall: false, env });
    if (!state.available)
      return { checks: [failed("Docker", "error", state.reason, state.action)], time: null };
    return { checks: [passed("Docker", state.version)], time: null };
  }
  const info = EngineInfo.parse(await probe.docker.info());
  const time = info.SystemTime === undefined ? null : new Date(info.SystemTime);
  const checks = [
    ...checkEngine(info),
    checkUserNamespaces(info),
    ...checkRuntime(info, env.FARHAND_RUNTIME || null),
    await examineQuota(env),
    await examineImage(probe.docker, root, env),
  ];
  return { checks, time };
}

async function examineQuota(env: Environment): Promise<Check> {
  const PATH = `${env.PATH ?? ""}:/usr/sbin:/sbin`;
  return checkWorkspaceQuota({
    setting: env.FARHAND_WORKSPACE_MAX_MIB || undefined,
    isRoot: process.getuid?.() === 0,
    missing: ["mkfs.ext4", "debugfs", "losetup"].filter((name) => Bun.which(name, { PATH }) === null),
    hasLoopDevices: await exists("/dev/loop-control"),
  });
}

async function examineImage(docker: Docker, root: string, env: Environment): Promise<Check> {
  const name = "Worker image";
  const found = await findWorkerImage({ docker, root });
  if (found !== null) return passed(name, `${found.image} on ${found.base}`);
  const detail = env.FARHAND_WORKER_IMAGE
    ? "FARHAND_WORKER_IMAGE is used, none is built here"
    : "not built yet";
  return failed(
    name,
    "warning",
    detail,
    "Nothing to do: ./farhand up builds it, which takes a few minutes once.",
  );
}

async function examinePort(env: Environment): Promise<Check> {
  const name = "Port";
  const port = Number(env.FARHAND_PORT || "8787");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return failed(
      name,
      "error",
      "FARHAND_PORT is not a port",
      "Set it to a number from 1 to 65535, or unset it.",
    );
  }
  const host = env.FARHAND_HOST || "127.0.0.1";
  const trouble = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
  if (trouble === null) return passed(name, `${port} is free`);
  if (trouble.code === "EACCES") {
    return failed(name, "error", `this user may not listen on ${port}`, "Set FARHAND_PORT to 1024 or above.");
  }
  if (trouble.code !== "EADDRINUSE") {
    return failed(
      name,
      "error",
      `cannot listen on ${host}:${port}: ${trouble.message}`,
      "Set FARHAND_HOST and FARHAND_PORT.",
    );
  }
  const running = await livenessAt(host, port);
  if (running !== null) return passed(name, `${port} is held by Farhand ${running.version}`);
  return failed(
    name,
    "error",
    `${port} is taken by another program`,
    "End that program, or set FARHAND_PORT to a free port.",
  );
}

async function livenessAt(host: string, port: number): Promise<Liveness | null> {
  const reachable = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  try {
    const answer = await fetch(`http://${name}:${port}/api/health/live`, {
      signal: AbortSignal.timeout(PORT_PROBE_LIMIT_MS),
    });
    return Liveness.safeParse(await answer.json()).data ?? null;
  } catch {
    return null;
  }
}

async function availableMemory(): Promise<number> {
  const meminfo = Bun.file("/proc/meminfo");
  return ((await meminfo.exists()) ? parseMemAvailable(await meminfo.text()) : null) ?? freemem();
}

/** The folder itself, or the nearest one above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (await exists(at)) return at;
  }
  return "/";
}

async function folderFacts(path: string, standing: string) {
  const writable = await access(standing, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return { exists: standing === path, writable, mode: (await stat(standing)).mode };
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
