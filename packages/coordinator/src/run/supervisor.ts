import { type Assignment, type Failure, PROTOCOL_VERSION } from "@farhand/protocol";
import { FarhandError } from "../domain/failure.ts";
import type {
  Clock,
  Forge,
  PreparedRepository,
  Repositories,
  SandboxDriver,
  SandboxExit,
  SandboxRef,
} from "../domain/ports.ts";
import type { AttemptStore, Claim, EventLog, Inbox, TaskRecord, TaskStore } from "../domain/store.ts";
import type { Assignments } from "./assignments.ts";
import { decideOutcome, type Outcome, type Report, type StopReason } from "./outcome.ts";
import { publishWork } from "./publish.ts";

/** The lines that the supervisor writes about an attempt. */
export interface AttemptLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SupervisorOptions {
  tasks: TaskStore;
  attempts: AttemptStore;
  log: EventLog;
  inbox: Inbox;
  repositories: Repositories;
  forgeOf(repository: string): Forge;
  driver: SandboxDriver;
  gateway: {
    open(taskId: string): Promise<{ directory: string; socketName: string }>;
    close(taskId: string): Promise<void>;
  };
  assignments: Assignments;
  taskLog(taskId: string): { logger: AttemptLog; close(): void };
  /** Cuts known secrets out of a text: a remote may repeat a credential in what it says. */
  scrub(text: string): string;
  /** Name of this coordinator, for leases. */
  owner: string;
  clock: Clock;
  limits: {
    memoryBytes: number;
    cpus: number;
    pids: number;
    turnTimeoutMs: number;
    /** What a worker gets to end by itself after its last report, or after it was told to stop. */
    workerGraceMs: number;
    toolTimeoutMs: number;
    modelRetries: number;
    engineAwayMs: number;
  };
}

/** A lease lasts this long unless it is renewed, which happens three times as often. */
export const LEASE_MS = 30_000;
/** From SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 2000;
const ENGINE_CHECK_MS = 5000;

/** One attempt from claim to end: starts the sandbox, watches it, publishes what came of it, cleans up. */
export interface Supervisor {
  /** Never rejects: whatever happens ends as a state of the task. */
  run(claim: Claim): Promise<void>;
  /** Ends the task's attempt, if one is under way here. */
  stop(taskId: string, reason: StopReason): void;
  stopAll(reason: StopReason): void;
  running(): SandboxRef[];
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { tasks, log, driver, limits } = options;
  const running = new Map<string, { ref: SandboxRef; stop: (reason: StopReason) => void }>();

  async function run(claim: Claim): Promise<void> {
    const { task, attempt } = claim;
    const { logger, close } = options.taskLog(task.id);
    try {
      logger.info({ attempt, repository: task.repository }, "attempt starts");
      const outcome = await attemptTask(claim, logger);
      logger.info({ attempt, outcome: outcome.kind }, "attempt ended");
      await conclude(task.id, attempt, outcome);
    } catch (error) {
      logger.error({ err: error }, "the supervisor failed");
      await tasks.move(task.id, "failed", internalFailure).catch((again) => {
        // The database itself is in trouble. The next start finds the task interrupted and says so.
        logger.error({ err: again }, "could not mark the task as failed");
      });
    } finally {
      running.delete(task.id);
      close();
    }
  }

  /** The sandbox's whole life. What it has made is published before this resolves. */
  async function attemptTask(claim: Claim, logger: AttemptLog): Promise<Outcome> {
    const { task, attempt, token } = claim;
    const ref: SandboxRef = { taskId: task.id, attempt, name: "" };
    const giveUp = new AbortController();
    const stopping = Promise.withResolvers<StopReason>();
    let stopReason: StopReason | null = null;
    const stop = (reason: StopReason) => {
      if (stopReason) return;
      stopReason = reason;
      stopping.resolve(reason);
    };
    running.set(task.id, { ref, stop });
    const report = Promise.withResolvers<Report>();
    let reported: Report | null = null;
    const unfollow = log.follow(task.id, ({ body, attempt: of }) => {
      if (of !== attempt || (body.type !== "turn.finished" && body.type !== "turn.failed")) return;
      reported = body;
      report.resolve(body);
    });
    const watchers = watch(claim, stop, giveUp, logger);
    let ownFailure: Failure | null = null;
    let exit: SandboxExit | null = null;
    let base: PreparedRepository | null = null;
    options.assignments.open(task.id);
    try {
      const preparing = prepare(claim, giveUp.signal).then((prepared) => {
        base = prepared;
      });
      const starting = options.gateway
        .open(task.id)
        .then(({ directory, socketName }) =>
          driver.start({ taskId: task.id, attempt, token, socketDirectory: directory, socketName, limits }),
        );
      // Both run at once. The first failure ends the other: there is no use for one without the other.
      const failed = (error: unknown) => {
        if (giveUp.signal.aborted) return;
        ownFailure = toFailure(error, logger);
        options.assignments.refuse(task.id, error instanceof Error ? error : new Error(String(error)));
        giveUp.abort();
      };
      const settled = Promise.all([
        preparing.catch(failed),
        starting.then((it) => Object.assign(ref, it)).catch(failed),
      ]);
      void stopping.promise.then(() => base ?? giveUp.abort());
      await settled;
      if (!ownFailure && !giveUp.signal.aborted) {
        const ended = driver.wait(ref, giveUp.signal);
        const asked = Promise.race([stopping.promise, report.promise]);
        void asked
          .then(async () => {
            await Promise.race([ended, Bun.sleep(stopReason === "shutdown" ? 0 : limits.workerGraceMs)]);
            await driver.stop(ref, STOP_GRACE_MS);
          })
          .catch((error) => logger.error({ err: error }, "could not stop the sandbox"));
        exit = await ended;
      }
    } catch (error) {
      if (!giveUp.signal.aborted) ownFailure = toFailure(error, logger);
    } finally {
      watchers[Symbol.dispose]();
      options.assignments.close(task.id);
    }
    // Fenced first: from here on nothing that is left of the worker can push or report. What it had reported until
    // then counts, and what is published is what it had finished.
    // Neither may keep the other, or the sandbox's removal, from happening.
    await options.attempts
      .end(ref.taskId, ref.attempt, exitCodeOf(exit))
      .catch((error) => logger.error({ err: error }, "could not end the attempt"));
    await options.gateway
      .close(ref.taskId)
      .catch((error) => logger.error({ err: error }, "could not close the task's socket"));
    unfollow();
    const outcome = decideOutcome({
      stopReason,
      ownFailure,
      report: reported,
      exit,
      turnTimeoutMs: limits.turnTimeoutMs,
    });
    const publishing = outcome.kind === "finished" ? publish(task.id, attempt, base, logger) : null;
    const [published] = await Promise.all([publishing, removeSandbox(ref, exit, logger)]);
    return published ?? outcome;
  }

  async function prepare({ task, attempt }: Claim, signal: AbortSignal): Promise<PreparedRepository> {
    const startedMs = performance.now();
    const remote = options.forgeOf(task.repository).remote(task.repository);
    const prepared = await options.repositories.prepare(task, remote, signal);
    await tasks.setBaseCommit(task.id, prepared.baseCommit);
    const durationMs = performance.now() - startedMs;
    const { baseBranch, baseCommit } = prepared;
    await log.append(task.id, attempt, [
      { type: "repository.ready", baseBranch, commit: baseCommit, durationMs },
    ]);
    options.assignments.give(task.id, await assignmentFor(task, attempt, prepared));
    return prepared;
  }

  async function assignmentFor(
    task: TaskRecord,
    attempt: number,
    base: PreparedRepository,
  ): Promise<Assignment> {
    const messages = await log.conversation(task.id);
    return {
      protocol: PROTOCOL_VERSION,
      taskId: task.id,
      attempt,
      turn: task.turn,
      repository: task.repository,
      model: task.model,
      messages,
      prompt: messages.length === 0 ? task.prompt : null,
      baseBranch: base.baseBranch,
      baseCommit: base.baseCommit,
      branch: task.branch,
      author: { name: "Farhand", email: "farhand@localhost" },
      limits: {
        maxOutputTokens: 16_384,
        maxModelCalls: 200,
        toolTimeoutMs: limits.toolTimeoutMs,
        toolOutputBytes: 32 * 1024,
        modelRetries: limits.modelRetries,
      },
    };
  }

  /** Renews the lease, and gives the attempt up when it takes too long or the engine stays away. */
  function watch(
    { task }: Claim,
    stop: (reason: StopReason) => void,
    giveUp: AbortController,
    logger: AttemptLog,
  ): Disposable {
    const renewLease = async () => {
      const lease = { owner: options.owner, untilMs: options.clock.now().getTime() + LEASE_MS };
      if (!(await tasks.renewLease(task.id, lease))) stop("lease_lost");
    };
    const renewal = setInterval(() => {
      // One renewal may fail, since there are three to a lease.
      renewLease().catch((error) => logger.error({ err: error }, "could not renew the lease"));
    }, LEASE_MS / 3);
    const timeout = setTimeout(() => stop("timeout"), limits.turnTimeoutMs);
    let lastSeenMs = performance.now();
    const health = setInterval(
      async () => {
        const ok = await driver.ping();
        const nowMs = performance.now();
        if (ok) lastSeenMs = nowMs;
        else if (nowMs - lastSeenMs > limits.engineAwayMs) {
          stop("engine_away");
          giveUp.abort();
        }
      },
      Math.min(ENGINE_CHECK_MS, limits.engineAwayMs),
    );
    return {
      [Symbol.dispose]: () => {
        clearInterval(renewal);
        clearTimeout(timeout);
        clearInterval(health);
      },
    };
  }

  async function removeSandbox(ref: SandboxRef, exit: SandboxExit | null, logger: AttemptLog): Promise<void> {
    let sandboxRemoved = true;
    try {
      if (ref.name) await driver.remove(ref);
    } catch (error) {
      // The engine is away. The reaper removes it when the engine is back.
      logger.error({ err: error }, "could not remove the sandbox");
      sandboxRemoved = false;
    }
    const exitCode = exitCodeOf(exit);
    await log.append(ref.taskId, ref.attempt, [
      { type: "attempt.ended", attempt: ref.attempt, exitCode, sandboxRemoved },
    ]);
  }

  /** @returns the outcome that takes the place of "finished" when the work could not be published */
  async function publish(
    taskId: string,
    attempt: number,
    base: PreparedRepository | null,
    logger: AttemptLog,
  ): Promise<Outcome | null> {
    const task = await tasks.get(taskId);
    if (!task || !base) throw new Error(`task ${taskId} finished without a repository`);
    try {
      const forge = options.forgeOf(task.repository);
      const append = (body: Parameters<EventLog["append"]>[2][number]) => log.append(taskId, attempt, [body]);
      await publishWork({ task, base, forge, repositories: options.repositories, append });
      return null;
    } catch (error) {
      return { kind: "failed", failure: toFailure(error, logger) };
    }
  }

  async function conclude(taskId: string, attempt: number, outcome: Outcome): Promise<void> {
    if (outcome.kind === "taken") return;
    const late = await options.inbox.undelivered(taskId);
    for (const { text } of late)
      await log.append(taskId, attempt, [
        {
          type: "notice",
          level: "warning",
          code: "message_undelivered",
          message: `A message came too late for the agent to see it: ${text.slice(0, 200)}`,
        },
      ]);
    if (outcome.kind === "finished") await tasks.move(taskId, "turn_finished", null);
    else if (outcome.kind === "cancelled") await tasks.move(taskId, "cancelled", null);
    else await tasks.move(taskId, "failed", outcome.failure);
  }

  /** An expected trouble as it is told to the user. A bug goes to the log, and the user hears that there was one. */
  function toFailure(error: unknown, logger: AttemptLog): Failure {
    if (error instanceof FarhandError)
      return { ...error.failure, message: options.scrub(error.failure.message) };
    logger.error({ err: error }, "unexpected error");
    return internalFailure;
  }

  return {
    run,
    stop: (taskId, reason) => running.get(taskId)?.stop(reason),
    stopAll: (reason) => {
      for (const { stop } of running.values()) stop(reason);
    },
    running: () => [...running.values()].map(({ ref }) => ref),
  };
}

const internalFailure: Failure = {
  code: "internal",
  message: "Something went wrong inside the server.",
  action: "Send the task again. The server's log has the details.",
  retryable: true,
};

/** Null where nobody knows how the worker ended. */
const exitCodeOf = (exit: SandboxExit | null): number | null => exit?.exitCode ?? null;
