import type { Arena } from "./arena.ts";

/** What came of one run. */
export interface Attempt {
  /** The attacker got what it wanted. */
  succeeded: boolean;
  /** What shows it, on one line. */
  evidence: string;
}

/**
 * One way to do harm. It is run twice: against the walls, and once more where the wall that is to stop it is taken
 * away. The second run is the control: without it, an attack that never works would pass for one that was stopped.
 */
export interface Attack {
  area: string;
  name: string;
  /** The wall that is to stop it, in a few words. */
  by: string;
  try(arena: Arena): Promise<Attempt>;
  control(arena: Arena): Promise<Attempt>;
}

/** What is known of one run: how it ended, or why it could not be made. */
export type Run = Attempt | { error: string };

export interface Verdict {
  area: string;
  name: string;
  by: string;
  tried: Run;
  control: Run;
  elapsedMs: number;
}

/** Stopped where it was tried, and shown to work where the wall is away. Anything else is a failure. */
export function isPassed({ tried, control }: Verdict): boolean {
  return isStopped(tried) && isShown(control);
}

export function isStopped(run: Run): boolean {
  return "succeeded" in run && !run.succeeded;
}

export function isShown(run: Run): boolean {
  return "succeeded" in run && run.succeeded;
}

/** Plays both runs. An error in either is no verdict of the walls, and fails the attack. */
export async function playAttack(attack: Attack, arena: Arena, limitMs = RUN_LIMIT_MS): Promise<Verdict> {
  const startedAt = performance.now();
  const tried = await runOf(() => attack.try(arena), limitMs);
  const control = await runOf(() => attack.control(arena), limitMs);
  const { area, name, by } = attack;
  return { area, name, by, tried, control, elapsedMs: performance.now() - startedAt };
}

/** One run that takes longer hangs. */
const RUN_LIMIT_MS = 90_000;

async function runOf(run: () => Promise<Attempt>, limitMs: number): Promise<Run> {
  const limit = Promise.withResolvers<Run>();
  const timer = setTimeout(
    () => limit.resolve({ error: `it had not ended after ${limitMs / 1000} s` }),
    limitMs,
  );
  try {
    return await Promise.race([run(), limit.promise]);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
