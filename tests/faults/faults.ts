import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { lockDatabase } from "./database-lock.ts";
import type { FoundContainer } from "./engine.ts";
import type { FaultKind, Plan, PlannedFault } from "./plan.ts";
import { prng } from "./prng.ts";
import type { System } from "./system.ts";

/** How long a fault waits for something to strike, such as a container, before it is let go. */
const TARGET_LIMIT_MS = 5_000;
const REPLAY_LIMIT_MS = 20_000;
const HOURS_MS = 3_600_000;

/**
 * Strikes, and heals what can be healed. Resolves when the fault is over; false when there was nothing to strike.
 */
export async function strike(
  system: System,
  plan: Plan,
  fault: PlannedFault,
  isOver: () => boolean,
): Promise<boolean> {
  return STRIKES[fault.kind]({ system, plan, fault, isOver });
}

interface Occasion {
  system: System;
  plan: Plan;
  fault: PlannedFault;
  /** The round has nothing left to do: no target will come any more. */
  isOver(): boolean;
}

type Strike = (occasion: Occasion) => Promise<boolean>;

const outage =
  (kind: NonNullable<Parameters<System["claude"]["setOutage"]>[0]>): Strike =>
  async ({ system, fault }) => {
    system.claude.setOutage(kind);
    await Bun.sleep(fault.holdMs);
    system.claude.setOutage(null);
    return true;
  };

const STRIKES: Record<FaultKind, Strike> = {
  async coordinator_killed({ system, fault }) {
    await system.restart({ how: "kill", awayMs: fault.holdMs });
    return true;
  },
  async coordinator_terminated({ system, fault }) {
    await system.restart({ how: "terminate", awayMs: fault.holdMs });
    return true;
  },
  async clock_jump({ system, fault }) {
    // Up to a day and a half, forward as often as back.
    const clockShiftMs = Math.round((fault.detail * 2 - 1) * 36) * HOURS_MS + 1000;
    const how = fault.detail * 10 - Math.floor(fault.detail * 10) < 0.5 ? "kill" : "terminate";
    await system.restart({ how, awayMs: fault.holdMs, clockShiftMs });
    return true;
  },
  async worker_killed(occasion) {
    const { engine } = occasion.system.ground;
    const victim = await runningContainer(occasion);
    if (victim === null) return false;
    if (occasion.fault.detail < 0.5) return engine.killWorkerIn(victim.id);
    await engine.killContainer(victim.id);
    return true;
  },
  async container_removed(occasion) {
    const victim = await runningContainer(occasion);
    if (victim === null) return false;
    await occasion.system.ground.engine.removeContainer(victim.id);
    return true;
  },
  async engine_killed({ system, plan, fault }) {
    await system.ground.engine.kill();
    await Bun.sleep(fault.holdMs);
    await system.ground.engine.start({ liveRestore: plan.liveRestore });
    return true;
  },
  model_overloaded: outage("overloaded"),
  model_rate_limited: outage("rate_limited"),
  model_cut: outage("cut"),
  model_down: outage("down"),
  async forge_down({ system, fault }) {
    system.github.setDown(true);
    await Bun.sleep(fault.holdMs);
    system.github.setDown(false);
    return true;
  },
  async socket_removed(occasion) {
    const sockets = await waitFor(occasion, async () => {
      const found = await socketsOf(occasion.system);
      return found.length === 0 ? null : found;
    });
    const victim = sockets?.[Math.floor(occasion.fault.detail * sockets.length)];
    if (victim === undefined) return false;
    await unlink(victim).catch(() => undefined);
    return true;
  },
  async client_cut({ system, plan, fault }) {
    const random = prng(plan.seed + Math.floor(fault.detail * 1_000_000));
    system.cutter.cutAfter(() => random.int(1, 6000));
    await Bun.sleep(fault.holdMs);
    system.cutter.cutAfter(null);
    return true;
  },
  async client_replay({ system, isOver }) {
    system.api.replay(true);
    const giveUpAt = performance.now() + REPLAY_LIMIT_MS;
    while (!isOver() && performance.now() < giveUpAt) await Bun.sleep(50);
    system.api.replay(false);
    return true;
  },
  async disk_full({ system, fault }) {
    await system.ground.disk.fill();
    await Bun.sleep(fault.holdMs);
    await system.ground.disk.free();
    return true;
  },
  async database_locked({ system, fault }) {
    await lockDatabase(system.databasePath, Bun.sleep(fault.holdMs));
    return true;
  },
};

/** One of the containers that run, or the first that comes; null when none does. */
async function runningContainer(occasion: Occasion): Promise<FoundContainer | null> {
  const { engine } = occasion.system.ground;
  const running = await waitFor(occasion, async () => {
    // The engine may be down by another fault.
    const found = (await engine.containers().catch(() => [])).filter(({ isRunning }) => isRunning);
    return found.length === 0 ? null : found;
  });
  return running?.[Math.floor(occasion.fault.detail * running.length)] ?? null;
}

async function waitFor<T>({ isOver }: Occasion, look: () => Promise<T | null>): Promise<T | null> {
  const giveUpAt = performance.now() + TARGET_LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null || isOver() || performance.now() > giveUpAt) return found;
    await Bun.sleep(25);
  }
}

/** Paths of the gateway's sockets that are there. */
export async function socketsOf(system: System): Promise<string[]> {
  const run = join(system.dataDirectory, "run");
  const folders = (await readdir(run).catch(() => [])).filter((name) => name.startsWith("t_"));
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(run, folder)).catch(() => [])).map((name) => join(run, folder, name)),
    ),
  );
  return files.flat();
}

/** Ends every fault that may still be under way, so that nothing stands in the way of recovery. */
export async function heal(system: System): Promise<void> {
  system.claude.setOutage(null);
  system.github.setDown(false);
  system.cutter.cutAfter(null);
  system.api.replay(false);
  await system.ground.disk.free();
  await system.ensureRuns();
}
