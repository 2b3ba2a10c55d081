import { WorkerEnv } from "@farhand/protocol";
import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type { SandboxSpec } from "../domain/ports.ts";
import { seccompProfile } from "./seccomp.ts";

/** Labels on everything that this driver makes; the reaper finds it by them. */
export const Label = {
  instance: "farhand.instance",
  task: "farhand.task",
  attempt: "farhand.attempt",
} as const;

/** The user that the worker image has a home and a workspace for. */
const USER = "10001:10001";
const BINARY = "/opt/farhand/worker";
const SOCKET_DIRECTORY = "/run/farhand";
const WORKSPACE = "/workspace";

const TMP_MAX_BYTES = 1024 ** 3;
const SHARED_MEMORY_BYTES = 64 * 1024 ** 2;

/** `local` keeps logs small and still readable; engines without it get a capped `json-file`. */
export type LogDriver = "local" | "json-file";

export function labels(
  instanceId: string,
  spec: Pick<SandboxSpec, "taskId" | "attempt">,
): Record<string, string> {
  return { [Label.instance]: instanceId, [Label.task]: spec.taskId, [Label.attempt]: String(spec.attempt) };
}

/** What is the same for all containers of a driver, and the container's name. */
export interface ContainerFrame {
  instanceId: string;
  name: string;
  image: string;
  workerBinaryPath: string;
  logDriver: LogDriver;
  /** The engine's runtime by name; its default if left out. */
  runtime?: string;
}

/**
 * The container of one attempt, with every wall in its place: no network, no capabilities, no way to gain rights, few
 * system calls, nothing writable but the workspace and a memory-backed `/tmp`, and a bound on memory, processors,
 * processes, open files and logs. The workspace is the named volume of the same name.
 */
export function containerOptions(driver: ContainerFrame, spec: SandboxSpec): ContainerCreateOptions {
  const tmpBytes = Math.min(TMP_MAX_BYTES, Math.floor(spec.limits.memoryBytes / 2));
  const host: HostConfig = {
    NetworkMode: "none",
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile}`],
    ...(driver.runtime === undefined ? {} : { Runtime: driver.runtime }),
    ReadonlyRootfs: true,
    Privileged: false,
    IpcMode: "private",
    ShmSize: SHARED_MEMORY_BYTES,
    // Reaps what the agent's commands leave behind, and passes SIGTERM on.
    Init: true,
    Memory: spec.limits.memoryBytes,
    // The same number: memory and swap together, so no swap.
    MemorySwap: spec.limits.memoryBytes,
    NanoCpus: Math.round(spec.limits.cpus * 1e9),
    PidsLimit: spec.limits.pids,
    // When the machine itself runs out of memory, a sandbox goes before the coordinator does.
    OomScoreAdj: 500,
    Ulimits: [
      { Name: "core", Soft: 0, Hard: 0 },
      // The kernel's own default: an engine without the right to raise it further could not start anything.
      { Name: "nofile", Soft: 4096, Hard: 4096 },
    ],
    // A task that prints without end must not fill the host's disk.
    LogConfig: {
      Type: driver.logDriver,
      Config:
        driver.logDriver === "local"
          ? { "max-size": "1m", "max-file": "1", compress: "false" }
          : { "max-size": "1m", "max-file": "1" },
    },
    // Builds run programs from /tmp, hence exec.
    Tmpfs: { "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${tmpBytes}` },
    Mounts: [
      { Type: "volume", Source: driver.name, Target: WORKSPACE },
      { Type: "bind", Source: driver.workerBinaryPath, Target: BINARY, ReadOnly: true },
      // The folder, not the socket: a mounted socket is dead after the coordinator restarts.
      { Type: "bind", Source: spec.socketDirectory, Target: SOCKET_DIRECTORY, ReadOnly: true },
    ],
  };
  return {
    name: driver.name,
    Image: spec.image ?? driver.image,
    Entrypoint: [BINARY],
    Cmd: [],
    User: USER,
    WorkingDir: WORKSPACE,
    Env: [
      `${WorkerEnv.socket}=${SOCKET_DIRECTORY}/${spec.socketName}`,
      `${WorkerEnv.token}=${spec.token}`,
      `${WorkerEnv.workspace}=${WORKSPACE}`,
    ],
    Labels: labels(driver.instanceId, spec),
    AttachStdin: false,
    // An attached stream that nobody reads stops the container.
    AttachStdout: false,
    AttachStderr: false,
    HostConfig: host,
  };
}
