import { access, constants, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WorkerEnv } from "@farhand/protocol";
import { z } from "zod";
import { FarhandError, failure } from "../domain/failure.ts";
import type { DriverHealth, SandboxDriver, SandboxExit, SandboxRef, SandboxSpec } from "../domain/ports.ts";
import { sandboxName } from "./name.ts";
import { SupervisorFile, spawnSupervisor } from "./process-supervisor.ts";
import { findFamily, type ProcessFamily, parseStat, readProcessTable } from "./process-table.ts";
import { readableTail } from "./tail.ts";

export interface ProcessDriverOptions {
  /** Names this coordinator among others on the same machine. */
  instanceId: string;
  /** Where each sandbox gets its folder. */
  directory: string;
  workerBinaryPath: string;
}

const POLL_MS = 50;
/** How long the supervisor may take to come up, and to write the last output down. */
const SUPERVISOR_LIMIT_MS = 5_000;

/** What a sandbox's folder says about itself. */
const Card = z.strictObject({ instanceId: z.string(), taskId: z.string(), attempt: z.int() });
const CARD = "sandbox.json";

const NO_FAMILY: ProcessFamily = { supervisors: [], worker: null, others: [] };

/**
 * Runs each worker as a child process of this machine, for machines without Docker. There is no isolation: an agent
 * can read this user's files, use the network and see the coordinator's processes, and the limits on memory,
 * processors and processes are not enforced. Needs Linux (`/proc`). A sandbox is a folder of its name.
 */
export function createProcessDriver(options: ProcessDriverOptions): SandboxDriver {
  const folderOf = (ref: Pick<SandboxRef, "name">) => join(options.directory, ref.name);

  async function start(spec: SandboxSpec): Promise<SandboxRef> {
    const name = sandboxName(options.instanceId, spec.taskId, spec.attempt);
    const ref: SandboxRef = { taskId: spec.taskId, attempt: spec.attempt, name };
    await canRun(options.workerBinaryPath);
    // What a crash left under this name.
    await remove(ref);
    const folder = folderOf(ref);
    const workspace = join(folder, "workspace");
    try {
      await mkdir(workspace, { recursive: true, mode: 0o700 });
      const card: z.infer<typeof Card> = {
        instanceId: options.instanceId,
        taskId: spec.taskId,
        attempt: spec.attempt,
      };
      await Bun.write(join(folder, CARD), JSON.stringify(card));
      await spawnSupervisor({
        folder,
        workerBinaryPath: options.workerBinaryPath,
        workspace,
        // Nothing of the coordinator's own environment: keys are in there.
        env: {
          PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
          [WorkerEnv.socket]: join(spec.socketDirectory, spec.socketName),
          [WorkerEnv.token]: spec.token,
          [WorkerEnv.workspace]: workspace,
        },
      });
      const up = await until(
        async () => (await readOwn(ref, SupervisorFile.stat)) !== null,
        SUPERVISOR_LIMIT_MS,
      );
      if (!up) throw new Error("its supervisor did not come up");
      return ref;
    } catch (error) {
      await remove(ref).catch(() => {
        // What went wrong first is what the user has to know.
      });
      throw unavailable(error);
    }
  }

  async function wait(ref: SandboxRef, signal: AbortSignal): Promise<SandboxExit> {
    for (;;) {
      signal.throwIfAborted();
      const exit = await readOwn(ref, SupervisorFile.exit);
      if (exit !== null) {
        await endFamily(ref);
        return { exitCode: Number(exit), outOfMemory: false, tail: await tail(ref) };
      }
      const { supervisors } = await familyOf(ref);
      // The supervisor may have written the code between the two looks.
      if (supervisors.length === 0 && (await readOwn(ref, SupervisorFile.exit)) === null) {
        await endFamily(ref);
        return { exitCode: null, outOfMemory: false, tail: await tail(ref) };
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async function stop(ref: SandboxRef, graceMs: number): Promise<void> {
    let told = false;
    await until(async () => {
      if ((await readOwn(ref, SupervisorFile.exit)) !== null) return true;
      const { supervisors, worker } = await familyOf(ref);
      if (supervisors.length === 0) return true;
      if (worker !== null && !told) told = signalAll([worker], "SIGTERM");
      return false;
    }, graceMs);
    await endFamily(ref);
  }

  /** Kills the worker with all that it started, as the end of a container does, and lets the supervisor finish. */
  async function endFamily(ref: SandboxRef): Promise<void> {
    const over = await until(async () => {
      const { supervisors, others } = await familyOf(ref);
      signalAll(others, "SIGKILL");
      return supervisors.length === 0 && others.length === 0;
    }, SUPERVISOR_LIMIT_MS);
    if (!over) await killAll(ref);
  }

  async function killAll(ref: SandboxRef): Promise<void> {
    const over = await until(async () => {
      const { supervisors, others } = await familyOf(ref);
      // The supervisor last: with it goes the way to find those that left the session.
      if (others.length > 0) signalAll(others, "SIGKILL");
      else signalAll(supervisors, "SIGKILL");
      return supervisors.length === 0 && others.length === 0;
    }, SUPERVISOR_LIMIT_MS);
    if (!over) throw unavailable(new Error(`a process of ${ref.name} does not end`));
  }

  async function remove(ref: SandboxRef): Promise<void> {
    await killAll(ref);
    const folder = folderOf(ref);
    try {
      await rm(folder, { recursive: true, force: true });
    } catch {
      // Package managers make folders without the right to write; a container's root would not mind.
      await Bun.spawn(["chmod", "-R", "u+rwX", folder], { stdio: ["ignore", "ignore", "ignore"] }).exited;
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function list(): Promise<SandboxRef[]> {
    const names = await readdir(options.directory).catch(() => []);
    const refs = await Promise.all(
      names.map(async (name) => {
        const text = await readOwn({ name }, CARD);
        const card = text === null ? null : Card.safeParse(safeJson(text)).data;
        if (card?.instanceId !== options.instanceId) return [];
        return [{ taskId: card.taskId, attempt: card.attempt, name }];
      }),
    );
    return refs.flat();
  }

  async function check(): Promise<DriverHealth> {
    try {
      await canRun(options.workerBinaryPath);
      await access("/proc/self/stat", constants.R_OK);
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      return { ok: true, detail: "workers run as plain processes, without any isolation" };
    } catch (error) {
      const trouble = unavailable(error).failure;
      return { ok: false, detail: trouble.message, action: trouble.action };
    }
  }

  async function familyOf(ref: Pick<SandboxRef, "name">): Promise<ProcessFamily> {
    const line = await readOwn(ref, SupervisorFile.stat);
    const root = line === null ? null : parseStat(line);
    return root === null ? NO_FAMILY : findFamily(await readProcessTable(), root);
  }

  async function tail(ref: Pick<SandboxRef, "name">): Promise<string> {
    const file = Bun.file(join(folderOf(ref), SupervisorFile.tail));
    return (await file.exists()) ? readableTail(await file.bytes()) : "";
  }

  /** A file of the sandbox's folder, or null. */
  async function readOwn(ref: Pick<SandboxRef, "name">, file: string): Promise<string | null> {
    try {
      return await Bun.file(join(folderOf(ref), file)).text();
    } catch {
      return null;
    }
  }

  return {
    kind: "process",
    isolated: false,
    setUp: null,
    check,
    ping: async () => true,
    start,
    wait,
    stop,
    remove,
    list,
  };
}

/** True when `done` came true in time. */
async function until(done: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    if (await done()) return true;
    if (performance.now() >= giveUpAt) return false;
    await sleep(POLL_MS / 2);
  }
}

/** True when somebody was there to get it. */
function signalAll(pids: number[], signal: NodeJS.Signals): boolean {
  let sent = false;
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
      sent = true;
    } catch {
      // It ended by itself.
    }
  }
  return sent;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function canRun(path: string): Promise<void> {
  await access(path, constants.X_OK).catch((error: unknown) => {
    throw failure(
      "sandbox_unavailable",
      `The worker binary ${path} is missing or cannot be run.`,
      "Start Farhand with ./farhand up: it builds the binary.",
      { cause: error },
    );
  });
}

function unavailable(error: unknown): FarhandError {
  if (error instanceof FarhandError) return error;
  return failure(
    "sandbox_unavailable",
    `No process could be started for a worker: ${error instanceof Error ? error.message : String(error)}`,
    "The process driver needs Linux with /proc and /bin/sh, and a data folder that it can write to.",
    { retryable: true, cause: error },
  );
}
