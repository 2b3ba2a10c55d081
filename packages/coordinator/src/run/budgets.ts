import type { BudgetUse, EventBody, SetBudget, SpendingLimit } from "@farhand/protocol";
import {
  allTokens,
  type BudgetCommands,
  type CostStore,
  describeUse,
  isSameLimit,
  isTold,
  isUnlimited,
  type MemberCapStore,
  type ModelCallUse,
  newlyNear,
  type PriceOf,
  reached,
} from "../domain/budget.ts";
import { moved } from "../domain/move.ts";
import type { Clock } from "../domain/ports.ts";
import type { EventLog, SettingsStore, TaskRecord, TaskStore } from "../domain/store.ts";

import type { Shortage } from "./capacity.ts";

/** How often a call that is held looks again by itself: a new day may have begun. */
const LOOK_AGAIN_MS = 30_000;
/** The same before the log has it that the worker is ready. */
const LOOK_SOON_MS = 250;

export interface AttemptClaim {
  taskId: string;
  attempt: number;
}

export interface BudgetGate extends BudgetCommands {
  /**
   * Lets a model call pass while nothing is used up. Otherwise the task pauses (`waiting`), and the call is held until
   * the limit is raised. Rejects with the signal's reason when it aborts, as it does when the turn is stopped.
   */
  mayAsk(claim: AttemptClaim, signal: AbortSignal): Promise<{ ok: true }>;
  /** Why the task's turn could not make a model call; null where it may, or has none to make any more. */
  shortage(task: TaskRecord): Promise<Shortage>;
  /** Writes a model call into the log, with its cost, and warns of limits that it has brought near. */
  used(claim: AttemptClaim, call: ModelCallUse): Promise<void>;
}

export function createBudgets(deps: {
  tasks: TaskStore;
  log: EventLog;
  costs: CostStore;
  settings: SettingsStore;
  memberCaps: Pick<MemberCapStore, "get">;
  priceOf: PriceOf;
  clock: Clock;
}): BudgetGate {
  const { tasks, log, costs, settings, memberCaps, clock } = deps;
  /** By user: whoever holds a call and wants to look again. */
  const held = new Map<string, Set<() => void>>();
  /** By user: calls are counted one after the other, or two could pass a limit without either being the one. */
  const counting = new Map<string, Promise<void>>();

  async function existing(taskId: string): Promise<TaskRecord> {
    const task = await tasks.get(taskId);
    if (!task) throw new Error(`task ${taskId} is not in the database`);
    return task;
  }

  /**
   * The limits beside the task's own: the user's, and the owner's cap on them. Where both are used up the cap is the one
   * that is told, since raising the other would not help.
   */
  async function usesOfUser(userId: string): Promise<BudgetUse[]> {
    const { budgets } = await settings.get(userId);
    const cap = await memberCaps.get(userId);
    const today = clock.now().toISOString().slice(0, 10);
    const uses = async (scope: "day" | "user", day: string | null): Promise<BudgetUse[]> => {
      const limits = [
        ...(cap === null ? [] : [{ limit: cap[scope], isCap: true as const }]),
        { limit: budgets[scope] },
      ].filter(({ limit }) => !isUnlimited(limit));
      if (limits.length === 0) return [];
      const spent = await costs.spent(userId, day);
      return limits.map((it) => ({ scope, spent, ...it }));
    };
    return [...(await uses("day", today)), ...(await uses("user", null))];
  }

  async function usesOf(task: TaskRecord): Promise<BudgetUse[]> {
    return [...useOfTask(task, task.budget), ...(await usesOfUser(task.userId))];
  }

  function lookAgain(userId: string): void {
    for (const wake of held.get(userId) ?? []) wake();
  }

  return {
    async mayAsk({ taskId }, signal) {
      const { userId } = await existing(taskId);
      for (;;) {
        signal.throwIfAborted();
        // Listening starts before the look, so that nothing can slip in between.
        using waker = listen(held, userId);
        const task = await existing(taskId);
        const use = reached(await usesOf(task));
        if (use === null) {
          if (task.state === "waiting") await tasks.change(taskId, ({ task: now }) => goOn(now));
          return { ok: true };
        }
        const now = await tasks.change(taskId, ({ task: current }) => pause(current, use));
        await waker.wait(now.state === "waiting" ? LOOK_AGAIN_MS : LOOK_SOON_MS, signal);
      }
    },

    async shortage(task) {
      const use = reached(await usesOf(task));
      if (use === null) return null;
      // What is done needs to be published alone.
      const turn = (await tasks.turns(task.id)).find((it) => it.turn === task.turn);
      if (turn?.isFinished) return null;
      return { code: "budget_reached", message: `The budget is used up: ${describeUse(use)}.`, use };
    },

    async used({ taskId, attempt }, { model, usage: { longCacheTokens, ...usage }, isEstimated }) {
      const costUsd = deps.priceOf(model, { ...usage, longCacheTokens });
      const call = { usd: costUsd ?? 0, tokens: allTokens(usage) };
      const { userId } = await existing(taskId);
      await inTurn(counting, userId, async () => {
        const task = await existing(taskId);
        const near = newlyNear(await usesOf(task), call);
        const events: EventBody[] = [
          { type: "model.used", model, usage, costUsd, ...(isEstimated ? { isEstimated } : {}) },
          ...(costUsd === null && task.unpricedTokens === 0 ? [priceUnknown(model)] : []),
          ...near.map((use): EventBody => ({ type: "budget.warned", ...use })),
        ];
        await log.append(taskId, attempt, events);
      });
    },

    async setBudget(task: TaskRecord, change: SetBudget) {
      const others = await usesOfUser(task.userId);
      const now = await tasks.change(task.id, ({ task: current }) => {
        const limit = {
          maxUsd: change.maxUsd === undefined ? current.budget.maxUsd : change.maxUsd,
          maxTokens: change.maxTokens === undefined ? current.budget.maxTokens : change.maxTokens,
        };
        const use = reached([...useOfTask(current, limit), ...others]);
        const isSame = limit.maxUsd === current.budget.maxUsd && limit.maxTokens === current.budget.maxTokens;
        return [
          ...(isSame ? [] : [{ type: "budget.changed" as const, ...limit }]),
          ...(use === null ? goOn(current) : stillWaiting(current, use)),
        ];
      });
      lookAgain(task.userId);
      return now;
    },

    lookAgain,
  };
}

function useOfTask(task: TaskRecord, limit: SpendingLimit): BudgetUse[] {
  if (isUnlimited(limit)) return [];
  return [{ scope: "task", limit, spent: { usd: task.costUsd, tokens: allTokens(task.usage) } }];
}

/** Nothing where the task is not at work, or waits for that limit already. */
function pause(task: TaskRecord, use: BudgetUse): EventBody[] {
  const asked = moved(task, "asked");
  if (asked) return [{ type: "budget.reached", ...use }, asked];
  const isNews = task.budgetReached !== null && !isSameLimit(task.budgetReached, use);
  return task.state === "waiting" && isNews ? [{ type: "budget.reached", ...use }] : [];
}

/** What a task waits for now that its limit is another: whoever raised it has to hear what is missing. */
function stillWaiting(task: TaskRecord, use: BudgetUse): EventBody[] {
  if (task.budgetReached === null || isTold(task.budgetReached, use)) return [];
  return [{ type: "budget.reached", ...use }];
}

function goOn(task: TaskRecord): EventBody[] {
  const answered = task.budgetReached === null ? null : moved(task, "answered");
  return answered ? [answered] : [];
}

function priceUnknown(model: string): EventBody {
  return {
    type: "notice",
    level: "warning",
    code: "price_unknown",
    message: `The price of ${model} is not known, so its calls count in tokens alone and no limit in dollars holds for them. The server's owner can name it in the file of FARHAND_PRICES.`,
  };
}

/** Waits for a sign from `lookAgain`, which is not missed when it comes before the wait. */
function listen(held: Map<string, Set<() => void>>, userId: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const set = held.get(userId) ?? new Set();
  held.set(userId, set.add(wake));
  return {
    async wait(ms: number, signal: AbortSignal): Promise<void> {
      const timer = setTimeout(wake, ms);
      signal.addEventListener("abort", wake, { once: true });
      try {
        if (!signal.aborted) await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
      }
    },
    [Symbol.dispose]() {
      set.delete(wake);
      if (set.size === 0 && held.get(userId) === set) held.delete(userId);
    },
  };
}

/** Runs what has one key one after the other. */
async function inTurn(
  queues: Map<string, Promise<void>>,
  key: string,
  work: () => Promise<void>,
): Promise<void> {
  const before = queues.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.catch(() => undefined);
  queues.set(key, settled);
  try {
    await mine;
  } finally {
    if (queues.get(key) === settled) queues.delete(key);
  }
}
