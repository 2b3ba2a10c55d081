import { access, constants } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { z } from "zod";
import { failure } from "../domain/failure.ts";
import type {
  DriverHealth,
  SandboxDriver,
  SandboxExit,
  SandboxRef,
  SandboxSpec,
  SetupResult,
  SetupSpec,
} from "../domain/ports.ts";
import { containerOptions, Label, type LogDriver, labels } from "./docker-container.ts";
import { demultiplex } from "./docker-log.ts";
import { imageMissing, refusalStatus, sandboxUnavailable } from "./docker-trouble.ts";
import { createWorkspaces } from "./docker-workspace.ts";
import { parseSandboxName, sandboxName } from "./name.ts";
import { runSetup, setupName } from "./setup.ts";
import { readableTail } from "./tail.ts";
import { createWorkspaceDisks } from "./workspace-disk.ts";

export interface DockerDriverOptions {
  /** Names this coordinator among others on the same engine: lower-case letters, digits and dashes. */
  instanceId: string;
  image: string;
  /** Absolute path of the compiled worker, as the engine's host sees it. */
  workerBinaryPath: string;
  socketPath?: string;
  /** A runtime that the engine knows by this name, such as `runsc`; the engine's own choice if left out. */
  runtime?: string;
  /** The most that a workspace may hold, and a folder for the files that this takes, as the engine's host sees it. */
  workspace?: { maxBytes: number; directory: string };
  /** Most files that a setup may add or change; 250,000 by default. */
  setupMaxFiles?: number;
}

export const DOCKER_SOCKET = "/var/run/docker.sock";

/** An engine that takes longer than this for one call is taken for gone. */
const CALL_LIMIT_MS = 60_000;
const CHECK_LIMIT_MS = 5_000;
/** How often a running container is looked at although its end is told: an answer can be lost with the engine. */
const LOOK_AGAIN_MS = 5_000;
const RETRY_MAX_MS = 5_000;
const TAIL_LINES = 200;
/** The most that a repository's setup may add to the worker's image. */
const SETUP_MAX_BYTES = 2 * 1024 ** 3;
const SETUP_MAX_FILES = 250_000;

const EngineInfo = z.object({
  Plugins: z.object({ Log: z.array(z.string()).nullish() }).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
});

/** Runs each worker in a locked container of the local Docker engine. */
export function createDockerDriver(options: DockerDriverOptions): SandboxDriver {
  const socketPath = options.socketPath ?? DOCKER_SOCKET;
  const docker = new Docker({ socketPath });
  let logDriver: LogDriver | null = null;

  /** One call that neither hangs nor throws anything but a FarhandError; a status in `fine` counts as done. */
  async function call<T>(
    work: Promise<T>,
    fine: readonly number[] = [],
    limitMs = CALL_LIMIT_MS,
  ): Promise<T | null> {
    try {
      return await withinLimit(work, limitMs);
    } catch (error) {
      const status = refusalStatus(error);
      if (status !== null && fine.includes(status)) return null;
      throw sandboxUnavailable(error, socketPath);
    }
  }

  const workspaces = createWorkspaces({
    docker,
    call,
    image: options.image,
    instanceId: options.instanceId,
    disks: options.workspace === undefined ? null : createWorkspaceDisks(options.workspace),
  });

  async function chooseLogDriver(): Promise<LogDriver> {
    if (logDriver === null) {
      const info = EngineInfo.parse(await call(docker.info()));
      logDriver = info.Plugins?.Log?.includes("local") === false ? "json-file" : "local";
    }
    return logDriver;
  }

  /** False when a container of that name stands in the way. */
  async function create(name: string, spec: SandboxSpec): Promise<boolean> {
    const driver = { ...options, name, logDriver: await chooseLogDriver() };
    await workspaces.create(name, labels(options.instanceId, spec));
    try {
      await withinLimit(docker.createContainer(containerOptions(driver, spec)), CALL_LIMIT_MS);
      return true;
    } catch (error) {
      const status = refusalStatus(error);
      if (status === 409) return false;
      throw status === 404
        ? imageMissing(spec.image ?? options.image)
        : sandboxUnavailable(error, socketPath);
    }
  }

  async function start(spec: SandboxSpec): Promise<SandboxRef> {
    const name = sandboxName(options.instanceId, spec.taskId, spec.attempt);
    const ref: SandboxRef = { taskId: spec.taskId, attempt: spec.attempt, name };
    try {
      // A volume of that name can only be left from a crash, and its files would pass for this attempt's.
      if ((await call(docker.getVolume(name).inspect(), [404])) !== null) await remove(ref);
      if (!(await create(name, spec))) {
        await remove(ref);
        if (!(await create(name, spec))) {
          throw failure(
            "sandbox_unavailable",
            `Another container keeps the name ${name}.`,
            `Remove it with docker rm -f ${name}, then try again.`,
            { retryable: true },
          );
        }
      }
      await call(docker.getContainer(name).start());
      return ref;
    } catch (error) {
      await remove(ref).catch(() => {
        // The reaper finds it by its label; what went wrong first is what the user has to know.
      });
      throw error;
    }
  }

  async function setUp(spec: SetupSpec, signal: AbortSignal): Promise<SetupResult> {
    const name = setupName(sandboxName(options.instanceId, spec.taskId, spec.attempt));
    const frame = { ...options, name, logDriver: await chooseLogDriver() };
    const { instanceId } = options;
    const bounds = { maxBytes: SETUP_MAX_BYTES, maxFiles: options.setupMaxFiles ?? SETUP_MAX_FILES };
    const setup = { docker, call, instanceId, ...bounds, tail };
    return runSetup(setup, frame, spec, signal);
  }

  async function wait(ref: SandboxRef, signal: AbortSignal): Promise<SandboxExit> {
    const container = docker.getContainer(ref.name);
    let failures = 0;
    for (;;) {
      signal.throwIfAborted();
      try {
        const found = await call(container.inspect(), [404]);
        if (found === null || found.State.Status === "created") {
          return { exitCode: null, outOfMemory: false, tail: "" };
        }
        failures = 0;
        if (!found.State.Running) {
          return {
            exitCode: found.State.ExitCode,
            outOfMemory: found.State.OOMKilled,
            tail: await tail(ref.name),
          };
        }
        await nextChange(container, signal);
      } catch {
        // The engine is away or restarts: the container may live on. Whoever waits decides for how long.
        failures += 1;
        await sleep(Math.min(RETRY_MAX_MS, 100 * 2 ** failures), undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Resolves when the container ends, or after a while; what happened is to be looked up. */
  async function nextChange(container: Docker.Container, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const end = container.wait({ abortSignal: either });
    end.catch(() => {
      // Also after the race is over, when `done` aborts it.
    });
    try {
      await Promise.race([end, sleep(LOOK_AGAIN_MS, undefined, { signal: either })]);
    } finally {
      done.abort();
    }
  }

  async function tail(name: string): Promise<string> {
    try {
      const frames = await call(
        docker.getContainer(name).logs({ stdout: true, stderr: true, tail: TAIL_LINES }),
        [404],
      );
      return frames === null ? "" : readableTail(demultiplex(frames));
    } catch {
      return "";
    }
  }

  async function stop(ref: SandboxRef, graceMs: number): Promise<void> {
    // 304: it has ended already. The engine counts in whole seconds.
    const stopped = docker.getContainer(ref.name).stop({ t: Math.ceil(graceMs / 1000) });
    await call(stopped, [304, 404], graceMs + CALL_LIMIT_MS);
  }

  async function remove(ref: SandboxRef): Promise<void> {
    const giveUpAt = performance.now() + CALL_LIMIT_MS;
    const containers = [setupName(ref.name), ref.name].map((name) => docker.getContainer(name));
    for (;;) {
      let gone = true;
      for (const container of containers) {
        // 409: somebody else is removing it just now; its volume is free when they are done.
        await call(container.remove({ force: true, v: true }), [404, 409]);
        gone &&= (await call(container.inspect(), [404])) === null;
      }
      if (gone && (await workspaces.remove(ref.name))) return;
      if (performance.now() > giveUpAt) {
        throw failure(
          "sandbox_unavailable",
          `The engine does not let go of ${ref.name}.`,
          `Look what holds it: docker inspect ${ref.name}`,
          { retryable: true },
        );
      }
      await sleep(50);
    }
  }

  async function list(): Promise<SandboxRef[]> {
    const filters = { label: [`${Label.instance}=${options.instanceId}`] };
    const containers = (await call(docker.listContainers({ all: true, filters }))) ?? [];
    const volumes = await call(docker.listVolumes({ filters }));
    const refs = new Map<string, SandboxRef>();
    // A volume without a container is what a crash between the two leaves.
    for (const { Labels } of [...containers, ...(volumes?.Volumes ?? [])]) {
      const taskId = Labels?.[Label.task];
      const attempt = Number(Labels?.[Label.attempt]);
      if (taskId === undefined || !Number.isInteger(attempt)) continue;
      const name = sandboxName(options.instanceId, taskId, attempt);
      refs.set(name, { taskId, attempt, name });
    }
    for (const name of await workspaces.diskNames()) {
      const parts = parseSandboxName(options.instanceId, name);
      if (parts !== null) refs.set(name, { ...parts, name });
    }
    return [...refs.values()];
  }

  async function check(): Promise<DriverHealth> {
    try {
      const version = await call(docker.version(), [], CHECK_LIMIT_MS);
      const image = await call(docker.getImage(options.image).inspect(), [404], CHECK_LIMIT_MS);
      if (image === null) throw imageMissing(options.image);
      await access(options.workerBinaryPath, constants.X_OK).catch(() => {
        throw failure(
          "sandbox_unavailable",
          `The worker binary ${options.workerBinaryPath} is missing or cannot be run.`,
          "Start Farhand with ./farhand up: it builds the binary.",
        );
      });
      await hasRuntime();
      const quota = await workspaces.quota();
      const limit = quota.isEnforced
        ? `workspaces hold ${Math.floor(quota.maxBytes / 1024 ** 2)} MiB at most`
        : `nothing limits the size of a workspace: ${quota.reason}`;
      const runtime = options.runtime === undefined ? "" : ` on ${options.runtime}`;
      return {
        ok: true,
        detail: `Docker ${version?.Version ?? "?"}${runtime} with ${options.image}; ${limit}`,
      };
    } catch (error) {
      const trouble = sandboxUnavailable(error, socketPath).failure;
      return { ok: false, detail: trouble.message, action: trouble.action };
    }
  }

  async function hasRuntime(): Promise<void> {
    const { runtime } = options;
    if (runtime === undefined) return;
    const info = EngineInfo.parse(await call(docker.info(), [], CHECK_LIMIT_MS));
    if (Object.keys(info.Runtimes ?? {}).includes(runtime)) return;
    throw failure(
      "sandbox_unavailable",
      `The Docker engine has no runtime called ${runtime}.`,
      "Enter it under runtimes in /etc/docker/daemon.json and restart the engine, or unset FARHAND_RUNTIME.",
    );
  }

  const ping = (): Promise<boolean> =>
    call(docker.ping(), [], CHECK_LIMIT_MS).then(
      () => true,
      () => false,
    );

  return { kind: "docker", isolated: true, setUp, check, ping, start, wait, stop, remove, list };
}

async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const limit = new AbortController();
  try {
    return await Promise.race([
      work,
      sleep(limitMs, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`the engine did not answer within ${limitMs / 1000} s`);
      }),
    ]);
  } finally {
    limit.abort();
  }
}
