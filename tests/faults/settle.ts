import type { Task } from "@farhand/protocol";
import { type DrivenTask, isAtRest } from "./driver.ts";
import type { Violation } from "./facts.ts";
import type { System } from "./system.ts";

const REST_LIMIT_MS = 75_000;
const CATCH_UP_LIMIT_MS = 15_000;
/** More trouble than that after everything is healed is trouble of the system's own. */
const HEALS_MAX = 4;

/**
 * Brings a task to rest now that nothing is wrong any more: waits for the turn under way, tries a failed one again
 * where that can help, and says one more word where it cannot. Gives what stands in the way of that.
 */
export async function settle(system: System, driven: DrivenTask): Promise<Violation[]> {
  const violation = (message: string): Violation => ({
    invariant: "I0",
    message: `${driven.id}: ${message}`,
  });
  for (let heals = 0; ; heals += 1) {
    const task = await waitForRest(system, driven);
    if (task === null) {
      const { state } = await driven.task();
      return [violation(`it is still ${state} ${REST_LIMIT_MS / 1000} s after everything was healed`)];
    }
    if (task.state !== "failed") return [];
    const { failure } = task;
    if (heals === HEALS_MAX) return [violation(`it fails again and again: ${JSON.stringify(failure)}`)];
    const isRetried = failure?.retryable === true && (await driven.command("retry")) < 300;
    if (isRetried) continue;
    const said = await driven.say(`Once more, for the ${heals + 1}. time. [scenario:show-status]`);
    if (said.outcome === "refused")
      return [violation(`it takes neither a retry nor a message after ${JSON.stringify(failure)}`)];
  }
}

/** Longer than a coordinator takes to go on by itself with a message that waits. */
const QUIET_MS = 200;

async function waitForRest(system: System, driven: DrivenTask): Promise<Task | null> {
  const giveUpAt = performance.now() + REST_LIMIT_MS;
  let quietSince = performance.now();
  let lastSeq = -1;
  while (performance.now() < giveUpAt) {
    const task = await driven.task();
    if (!isAtRest(task) || task.lastSeq !== lastSeq) quietSince = performance.now();
    else if (performance.now() - quietSince > QUIET_MS) return task;
    lastSeq = task.lastSeq;
    await system.ensureRuns();
    await Bun.sleep(75);
  }
  return null;
}

/** Gives the phones the time that they need to see the end of the log. Whether they have is another's to judge. */
export async function catchUp(driven: DrivenTask): Promise<void> {
  const giveUpAt = performance.now() + CATCH_UP_LIMIT_MS;
  const { lastSeq } = await driven.task();
  while (driven.phones.some((phone) => phone.lastSeq() < lastSeq && phone.record.gaveUp === null)) {
    if (performance.now() > giveUpAt) return;
    await Bun.sleep(50);
  }
}
