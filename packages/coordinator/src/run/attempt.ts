import type { Failure } from "@farhand/protocol";
import type { PreparedRepository, SandboxExit, SandboxRef, SandboxSpec } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";
import type { TurnEnd } from "../domain/turn-end.ts";
import { makeAssignment } from "./assignment.ts";
import { type AttemptLog, type AttemptOptions, leaseOf } from "./attempt-options.ts";
import { conclude, insist, publish, toFailure } from "./conclude.ts";
import { decideOutcome, isReport, type Report, type StopReason } from "./outcome.ts";
import { setUpSystem } from "./set-up.ts";
import { watchTurn } from "./watch.ts";

/** From SIGTERM to SIGKILL, for a worker that is to save its files first. */
const STOP_GRACE_MS = 4000;
/** The same for one that has been told before, or has nothing left to do. */
const END_GRACE_MS = 1000;

export interface AttemptStart {
  task: TaskRecord;
  attempt: number;
  /** A fresh sandbox needs its token; one that is there already is taken as it is, with what it may have reported. */
  sandbox: { token: string } | { adopted: SandboxRef; report: Report | null };
}

/** What happens to one turn. */
class TurnControl {
  stopReason: StopReason | null = null;
  readonly stopping = Promise.withResolvers<void>();
  readonly abort = new AbortController();
  report: Report | null = null;
  readonly reported = Promise.withResolvers<void>();

  stop(reason: StopReason): void {
    if (this.stopReason) return;
    this.stopReason = reason;
    this.stopping.resolve();
    this.abort.abort(new Error(reason));
  }

  take(report: Report): void {
    this.report ??= report;
    this.reported.resolve();
  }
}

/**
 * One life of a sandbox, from its claim to its removal: a turn, and further ones while it is warm. Whatever happens
 * ends as a state of the task.
 */
export class Attempt {
  readonly ref: SandboxRef;
  readonly #options: AttemptOptions;
  readonly #start: AttemptStart;
  readonly #logger: AttemptLog;
  readonly #giveUp = new AbortController();
  #phase: "working" | "resting" | "resuming" | "ending" = "working";
  #control = new TurnControl();
  #restEnd = Promise.withResolvers<"resumed" | "over">();
  #base: PreparedRepository | null = null;
  #ownFailure: Failure | null = null;
  #exit: SandboxExit | null = null;
  #exited: Promise<void> | null = null;
  /** The checkpoint that the resting sandbox's files are. */
  #restsWith: string | null = null;
  #isUp = false;
  #hasRested = false;
  #isWaiting: boolean;

  constructor(options: AttemptOptions, start: AttemptStart, logger: AttemptLog) {
    this.#options = options;
    this.#start = start;
    this.#logger = logger;
    this.#isWaiting = start.task.state === "waiting";
    const { sandbox, task, attempt } = start;
    this.ref = { taskId: task.id, attempt, name: "adopted" in sandbox ? sandbox.adopted.name : "" };
  }

  get isResting(): boolean {
    return this.#phase === "resting";
  }

  /** It works, but waits for a person. */
  get isWaiting(): boolean {
    return this.#phase === "working" && this.#isWaiting && this.#control.stopReason === null;
  }

  get isWorking(): boolean {
    return this.#phase === "working" || this.#phase === "resuming";
  }

  /** Ends the turn that is under way; a resting sandbox ends at once. */
  stop(reason: StopReason): void {
    if (this.#phase === "resting") this.#endRest();
    else this.#control.stop(reason);
  }

  /** Ends the sandbox if it rests; does nothing to one that works. */
  evict(): void {
    if (this.#phase === "resting") this.#endRest();
  }

  /** Its worker has not yet been heard, so its memory is still to be used. */
  get isStarting(): boolean {
    return !this.#isUp;
  }

  /** Takes the queued task's next turn up in this sandbox. False when it does not rest, or the task is not queued. */
  async resume(): Promise<boolean> {
    if (this.#phase !== "resting") return false;
    this.#phase = "resuming";
    const { tasks } = this.#options;
    let resumed = false;
    try {
      // After a roll-back its files are others than the task's.
      const isSame = (await this.#task()).revision === this.#restsWith;
      resumed = isSame && (await tasks.resume(this.ref.taskId, this.ref.attempt, leaseOf(this.#options)));
    } finally {
      this.#restEnd.resolve(resumed ? "resumed" : "over");
    }
    return resumed;
  }

  async run(): Promise<void> {
    const { assignments } = this.#options;
    const { taskId } = this.ref;
    const unfollow = this.#options.log.follow(taskId, ({ body, attempt }) => {
      if (body.type === "state.changed") this.#isWaiting = body.to === "waiting";
      if (attempt !== this.ref.attempt) return;
      this.#isUp = true;
      if (!isReport(body)) return;
      assignments.rest(taskId);
      this.#control.take(body);
    });
    assignments.open(taskId);
    try {
      const { sandbox } = this.#start;
      if ("adopted" in sandbox) this.#isUp = true;
      if ("adopted" in sandbox && sandbox.report) {
        assignments.rest(taskId);
        this.#control.take(sandbox.report);
      }
      await this.#turns();
    } finally {
      unfollow();
      assignments.close(taskId);
    }
  }

  async #turns(): Promise<void> {
    if (await this.#isOnlyToPublish()) return this.#end({ kind: "finished" });
    await this.#begin();
    for (;;) {
      await this.#work();
      const end = this.#outcome();
      if (!end) return this.#leave();
      if (!this.#staysWarm(end)) return this.#end(end);
      const task = await this.#conclude((await this.#published(end)) ?? end);
      // Meant for the turn before its end was written, and for the sandbox as well.
      const reason = this.#control.stopReason;
      if (reason && reason !== "stopped") return this.#end(null);
      if (!(await this.#rest(task.revision))) return this.#end(null);
    }
  }

  /** An earlier attempt has done the turn and only its publishing is missing: no sandbox is needed for that. */
  async #isOnlyToPublish(): Promise<boolean> {
    const { task, sandbox } = this.#start;
    if ("adopted" in sandbox) return false;
    const turn = (await this.#options.tasks.turns(task.id)).find((it) => it.turn === task.turn);
    if (!turn?.isFinished) return false;
    const forge = await this.#options.forgeOf(task);
    const remote = forge.remote(task.repository);
    this.#base = await this.#options.repositories.prepare(task, remote, this.#control.abort.signal);
    return true;
  }

  /** Brings up the sandbox and the repository, both at once. The first failure of either ends the other. */
  async #begin(): Promise<void> {
    const { gateway, driver, limits } = this.#options;
    const { sandbox } = this.#start;
    const { taskId, attempt } = this.ref;
    const failed = (error: unknown) => {
      if (this.#giveUp.signal.aborted) return;
      this.#ownFailure = toFailure(this.#options, this.#start.task.userId, error, this.#logger);
      this.#options.assignments.refuse(taskId, error instanceof Error ? error : new Error(String(error)));
      this.#giveUp.abort();
    };
    const starting = gateway.open(taskId).then(async ({ directory, socketName }) => {
      if ("adopted" in sandbox) return null;
      const { token } = sandbox;
      const spec = { taskId, attempt, token, socketDirectory: directory, socketName, limits };
      Object.assign(this.ref, await driver.start(spec));
      return spec;
    });
    // Without a repository there is nothing to stop gently.
    void this.#control.stopping.promise.then(() => this.#base ?? this.#giveUp.abort());
    await Promise.all([this.#prepare(starting).catch(failed), starting.catch(failed)]);
    if (!this.ref.name) return;
    this.#exited = driver.wait(this.ref, this.#giveUp.signal).then(
      (exit) => {
        this.#exit = exit;
      },
      () => {
        // Given up: nobody will know how it ended.
      },
    );
  }

  async #prepare(starting: Promise<SandboxSpec | null>): Promise<void> {
    const startedMs = performance.now();
    const { task, attempt } = this.#start;
    const { repositories, tasks, log } = this.#options;
    const forge = await this.#options.forgeOf(task);
    const remote = forge.remote(task.repository);
    const prepared = await repositories.prepare(task, remote, this.#giveUp.signal);
    if (!("adopted" in this.#start.sandbox)) {
      await tasks.setBaseCommit(task.id, prepared.baseCommit);
      const { baseBranch, baseCommit: commit } = prepared;
      const durationMs = performance.now() - startedMs;
      await log.append(task.id, attempt, [{ type: "repository.ready", baseBranch, commit, durationMs }]);
      await this.#setUp(prepared, starting);
    }
    this.#base = prepared;
    // Here already, and not when the sandbox is up: its worker may be waiting.
    await this.#assign(prepared);
  }

  /** The few repositories with a setup of their own get a second sandbox, so that all others need not wait for the look. */
  async #setUp(base: PreparedRepository, starting: Promise<SandboxSpec | null>): Promise<void> {
    const sandbox = async () => {
      const spec = await starting;
      if (!spec) throw new Error("an adopted sandbox is set up already");
      return spec;
    };
    const image = await setUpSystem(this.#options, this.#start.task, base, sandbox, this.#giveUp.signal);
    if (image) await this.#options.driver.start({ ...(await sandbox()), image });
  }

  async #assign(base: PreparedRepository): Promise<void> {
    const task = await this.#task();
    // One that rested, or was there before this coordinator, has its files.
    const isNew = !("adopted" in this.#start.sandbox) && !this.#hasRested;
    const assignment = await makeAssignment(this.#options, task, this.ref.attempt, base, isNew);
    if (!this.#control.report) this.#options.assignments.give(task.id, assignment);
  }

  /** Waits until the turn has ended, by whatever. */
  async #work(): Promise<void> {
    const control = this.#control;
    const { limits } = this.#options;
    if (this.#ownFailure || !this.#exited) return;
    const task = await this.#task();
    const turns = await this.#options.tasks.turns(task.id);
    const turn = { task, attempt: this.ref.attempt, turns };
    using _watch = watchTurn(this.#options, turn, (reason) => control.stop(reason), this.#logger);
    const ended = this.#exited;
    await Promise.race([control.reported.promise, control.stopping.promise, ended]);
    const reason = control.stopReason;
    if (!reason || this.#exit) return;
    if (reason === "engine_away") return this.#giveUp.abort();
    if (reason === "lease_lost") return;
    if (reason === "shutdown" || reason === "suspended") {
      if (!control.report) await this.#stopSandbox(STOP_GRACE_MS);
      return;
    }
    // A cancel is in its inbox already, and so is a stop.
    if (reason !== "cancelled" && reason !== "stopped") await this.#options.inbox.add(task.id, "stop");
    const told = reason === "cancelled" ? ended : Promise.race([ended, control.reported.promise]);
    await Promise.race([told, Bun.sleep(limits.workerGraceMs)]);
    if (!this.#exit && (reason === "cancelled" || !control.report)) await this.#stopSandbox(END_GRACE_MS);
  }

  #outcome(): TurnEnd | null {
    const { stopReason, report } = this.#control;
    const { limits } = this.#options;
    return decideOutcome({ stopReason, ownFailure: this.#ownFailure, report, exit: this.#exit, limits });
  }

  #staysWarm(end: TurnEnd): boolean {
    const { report, stopReason } = this.#control;
    if (this.#options.limits.warmMs === 0 || !report || this.#exit || !this.#exited) return false;
    if (stopReason && stopReason !== "stopped") return false;
    return end.kind === "finished" || end.kind === "stopped";
  }

  /** Waits for the next turn. False when the sandbox is to end, or has ended. */
  async #rest(revision: string | null): Promise<boolean> {
    this.#restsWith = revision;
    this.#hasRested = true;
    this.#control = new TurnControl();
    this.#restEnd = Promise.withResolvers();
    this.#phase = "resting";
    const restEnd = this.#restEnd;
    const timer = setTimeout(() => this.evict(), this.#options.limits.warmMs);
    this.#options.onQueued();
    try {
      await Promise.race([restEnd.promise, this.#exited]);
    } finally {
      clearTimeout(timer);
    }
    if (this.#phase === "resting") this.#phase = "ending";
    if (this.#phase === "ending" || (await restEnd.promise) === "over") {
      this.#phase = "ending";
      return false;
    }
    this.#phase = "working";
    if (this.#base) await this.#assign(this.#base);
    return true;
  }

  #endRest(): void {
    this.#phase = "ending";
    this.#restEnd.resolve("over");
  }

  /**
   * The sandbox's end, and the turn's where one is given. Fenced first: nothing that is left of the worker can push or
   * report from then on. What is published is what it had finished.
   */
  async #end(end: TurnEnd | null): Promise<void> {
    this.#phase = "ending";
    if (!this.#exit && this.#exited) await this.#stopSandbox(END_GRACE_MS);
    await this.#fence();
    const [published] = await Promise.all([end && this.#published(end), this.#remove()]);
    if (end) await this.#conclude(published ?? end);
  }

  /** Another coordinator has the task: nothing of it is touched. */
  async #leave(): Promise<void> {
    this.#phase = "ending";
    this.#giveUp.abort();
    await this.#options.gateway.close(this.ref.taskId);
  }

  async #stopSandbox(graceMs: number): Promise<void> {
    const { driver } = this.#options;
    await driver
      .stop(this.ref, graceMs)
      .catch((error) => this.#logger.error({ err: error }, "could not stop the sandbox"));
    await Promise.race([this.#exited, Bun.sleep(graceMs + STOP_GRACE_MS)]);
  }

  /** Neither may keep the other, or the sandbox's removal, from happening. */
  async #fence(): Promise<void> {
    const { taskId, attempt } = this.ref;
    const complain = (what: string) => (error: unknown) => this.#logger.error({ err: error }, what);
    await this.#options.attempts
      .end(taskId, attempt, this.#exit?.exitCode ?? null)
      .catch(complain("could not end the attempt"));
    await this.#options.gateway.close(taskId).catch(complain("could not close the task's socket"));
  }

  /** @returns what takes the end's place when the work could not be published, or was not to be */
  async #published(end: TurnEnd): Promise<TurnEnd | null> {
    if (end.kind !== "finished" || !this.#base) return null;
    const { signal } = this.#control.abort;
    const { userId } = this.#start.task;
    const failed = await publish(this.#options, { ...this.ref, userId }, this.#base, signal, this.#logger);
    if (!signal.aborted) return failed;
    switch (this.#control.stopReason) {
      case "cancelled":
        return { kind: "cancelled" };
      case "shutdown":
        return { kind: "interrupted" };
      default:
        return { kind: "stopped" };
    }
  }

  async #conclude(end: TurnEnd): Promise<TaskRecord> {
    this.#logger.info({ attempt: this.ref.attempt, end: end.kind }, "turn ended");
    return await conclude(this.#options, this.ref.taskId, end, this.#logger);
  }

  async #remove(): Promise<void> {
    const { taskId, attempt } = this.ref;
    let sandboxRemoved = true;
    try {
      if (this.ref.name) await this.#options.driver.remove(this.ref);
    } catch (error) {
      // The engine is away. The reaper removes it when the engine is back.
      this.#logger.error({ err: error }, "could not remove the sandbox");
      sandboxRemoved = false;
    }
    const exitCode = this.#exit?.exitCode ?? null;
    await insist(
      () =>
        this.#options.log.append(taskId, attempt, [
          { type: "attempt.ended", attempt, exitCode, sandboxRemoved },
        ]),
      (error) => this.#logger.error({ err: error }, "could not write the attempt's end; trying again"),
    );
  }

  async #task(): Promise<TaskRecord> {
    const task = await this.#options.tasks.get(this.ref.taskId);
    if (!task) throw new Error(`task ${this.ref.taskId} is not in the database`);
    return task;
  }
}
