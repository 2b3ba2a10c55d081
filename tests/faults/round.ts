import { DrivenTask } from "./driver.ts";
import type { TaskFacts, Violation } from "./facts.ts";
import { heal, strike } from "./faults.ts";
import { gather, leftoversOf, wholeLog } from "./gather.ts";
import { leftoverViolations, violationsOf } from "./invariants.ts";
import type { FaultKind, Plan, PlannedFault } from "./plan.ts";
import { catchUp, settle } from "./settle.ts";
import type { System } from "./system.ts";

export interface RoundResult {
  plan: Plan;
  /** The faults that found something to strike, in the order in which they struck. */
  struck: FaultKind[];
  violations: Violation[];
  /** For the report on a failure. */
  facts: TaskFacts[];
  log: string;
  elapsedMs: number;
}

/** A round that takes longer than this hangs, whatever it waits for. */
const ROUND_LIMIT_MS = 180_000;
/** A fault does not wait longer for its event: the tasks may be through already. */
const FAULT_LIMIT_MS = 6_000;
/** Sandboxes rest for a second, are then stopped, and whatever the engine held up is tried again. */
const LEFTOVER_LIMIT_MS = 30_000;

/** Plays one plan on a system that runs. Never throws: what goes wrong is a violation. */
export async function playRound(system: System, plan: Plan): Promise<RoundResult> {
  const startedMs = performance.now();
  system.forgetLogs();
  const round = new Round(system, plan);
  const limit = Bun.sleep(ROUND_LIMIT_MS).then(() => {
    throw new Error(`the round hangs: it is not through after ${ROUND_LIMIT_MS / 1000} s`);
  });
  await Promise.race([round.play(), limit]).catch((error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    round.violations.push({ invariant: "I0", message });
  });
  await round.end();
  limit.catch(() => undefined);
  return {
    plan,
    struck: round.struck,
    violations: round.violations,
    facts: round.facts,
    log: system.logged(),
    elapsedMs: performance.now() - startedMs,
  };
}

class Round {
  readonly struck: FaultKind[] = [];
  readonly violations: Violation[] = [];
  readonly facts: TaskFacts[] = [];
  readonly #system: System;
  readonly #plan: Plan;
  readonly #driven: DrivenTask[];
  #tasksAreThrough = false;

  constructor(system: System, plan: Plan) {
    this.#system = system;
    this.#plan = plan;
    this.#driven = plan.tasks.map((task, index) => new DrivenTask(system, task, plan.seed * 31 + index));
  }

  async play(): Promise<void> {
    const system = this.#system;
    const faults = Promise.all(this.#plan.faults.map((fault) => this.#fault(fault)));
    // It is waited for below, where its failure counts.
    faults.catch(() => undefined);
    try {
      await Promise.all(this.#driven.map((driven) => driven.run()));
    } finally {
      this.#tasksAreThrough = true;
      await faults;
      await heal(system);
    }
    await this.#settleAll();
    // A sandbox that ends says so in the log: only when all is gone, the log is whole.
    await this.#leave();
    await Promise.all(this.#driven.map(catchUp));
    await this.end();
    this.facts.push(...(await Promise.all(this.#driven.map((driven) => gather(system, driven)))));
    this.violations.push(...this.facts.flatMap(violationsOf));
    for (const message of system.troubles) this.violations.push({ invariant: "I0", message });
    for (const message of system.api.differences) this.violations.push({ invariant: "I3", message });
    // The next round begins with the right time.
    if (system.clockShiftMs !== 0) await system.restart({ how: "kill", awayMs: 0, clockShiftMs: 0 });
  }

  /** Puts the phones away, also those of a round that broke off. */
  async end(): Promise<void> {
    await Promise.all(this.#driven.flatMap(({ phones }) => phones.map((phone) => phone.stop())));
  }

  async #fault(fault: PlannedFault): Promise<void> {
    const giveUpAt = performance.now() + FAULT_LIMIT_MS;
    const seen = () => this.#driven.reduce((sum, { lastSeq }) => sum + lastSeq, 0);
    while (seen() < fault.afterEvents && performance.now() < giveUpAt && !this.#tasksAreThrough)
      await Bun.sleep(10);
    await Bun.sleep(fault.delayMs);
    if (await strike(this.#system, this.#plan, fault, () => this.#tasksAreThrough))
      this.struck.push(fault.kind);
  }

  async #settleAll(): Promise<void> {
    const troubles = await Promise.all(this.#driven.map((driven) => settle(this.#system, driven)));
    this.violations.push(...troubles.flat());
  }

  /** Archives what the plan wants archived, and waits until nothing of the round is left on the machine. */
  async #leave(): Promise<void> {
    for (const driven of this.#driven) {
      if (!driven.planned.isArchived) continue;
      const status = await driven.command("archive");
      if (status >= 300)
        this.violations.push({ invariant: "I0", message: `archiving ${driven.id} was refused: ${status}` });
    }
    const giveUpAt = performance.now() + LEFTOVER_LIMIT_MS;
    for (;;) {
      const left = leftoverViolations(await leftoversOf(this.#system));
      if (left.length === 0 && (await this.#haveAttemptsEnded())) return;
      if (performance.now() > giveUpAt) return void this.violations.push(...left);
      await Bun.sleep(50);
    }
  }

  /** A sandbox is gone a moment before the log says so. */
  async #haveAttemptsEnded(): Promise<boolean> {
    const logs = await Promise.all(this.#driven.map(({ id }) => wholeLog(this.#system, id)));
    return logs.every((events) => {
      const count = (type: string) => events.filter(({ body }) => body.type === type).length;
      return count("attempt.started") <= count("attempt.ended");
    });
  }
}
