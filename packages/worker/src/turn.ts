import { join } from "node:path";
import { type Assignment, type InboxItem, type WorkerEvent, WorkerExit } from "@farhand/protocol";
import { AgentRun } from "./agent-run.ts";
import { Checkpoints } from "./checkpoints.ts";
import { gitIdentity } from "./environment.ts";
import { TurnFailure, TurnStop, toFailure, WorkerStop } from "./failure.ts";
import { Git } from "./git.ts";
import { Inbox } from "./inbox.ts";
import { Steering } from "./steering.ts";
import type { TurnContext } from "./turn-context.ts";
import { WorkTree } from "./work-tree.ts";

/** Longest that one git command of the worker's own may take. */
const GIT_TIMEOUT_MS = 10 * 60_000;
/** Longest that saving the work may take where somebody waits for the turn to stop. */
const STOPPED_SAVE_MS = 2_500;

/** What follows a turn whose last event was reported. */
export type TurnEnd = { next: "turn" } | { next: "exit"; exitCode: number; message: string };

/** One turn, from its assignment to its last event. */
export class Turn {
  readonly #context: TurnContext;
  readonly #assignment: Assignment;
  /** Aborts when a person stops the turn. */
  readonly #stop = new AbortController();
  /** Aborts when the turn is to end, or the process. */
  readonly #signal: AbortSignal;
  readonly #git: Git;
  readonly #tree: WorkTree;
  readonly #steering: Steering;
  #checkpoints: Checkpoints | null = null;
  #isCancelled = false;

  constructor(context: TurnContext, assignment: Assignment) {
    const { environment, stop, sleep, random } = context.options;
    this.#context = context;
    this.#assignment = assignment;
    this.#signal = AbortSignal.any([stop.signal, this.#stop.signal]);
    this.#git = new Git({
      path: environment.path,
      home: context.home,
      timeoutMs: GIT_TIMEOUT_MS,
      env: gitIdentity(assignment.author),
    });
    this.#tree = new WorkTree({
      directory: join(environment.workspace, "repo"),
      repositoryUrl: context.repositoryUrl,
      git: this.#git,
      sleep,
      random,
      signal: this.#signal,
    });
    this.#steering = new Steering({
      after: assignment.deliveredThrough,
      take: (after, signal) => context.gateway.takeMessages(after, signal),
      flush: (signal) => context.reporter.flush(signal),
      sleep,
      random,
      signal: this.#signal,
    });
  }

  /** @throws WorkerStop when the process is to end before the turn has. */
  async run(): Promise<TurnEnd> {
    const { event, trouble } = await this.#doIt();
    this.#context.reporter.reportAnyway(event);
    if (this.#isCancelled)
      return { next: "exit", exitCode: WorkerExit.cancelled, message: "the task was cancelled" };
    // After a trouble that nobody has thought of, a fresh process is the better place for another turn.
    return trouble === null
      ? { next: "turn" }
      : { next: "exit", exitCode: WorkerExit.done, message: trouble };
  }

  /** All but the last event. Nothing of the turn runs on when it is reported: the gateway takes no other calls then. */
  async #doIt(): Promise<{ event: WorkerEvent; trouble: string | null }> {
    const { gateway, options, kept } = this.#context;
    const { sleep, random, stop } = options;
    await using _inbox = new Inbox({
      after: this.#assignment.inboxAfter,
      poll: (after, signal) => gateway.inbox(after, signal),
      sleep,
      random,
      onSignal: (type) => this.#onSignal(type),
      onRefused: (error) => stop.abort(error),
    });
    try {
      const ended = await this.#work().then(
        (outcome) => ({ event: { type: "turn.finished" as const, ...outcome }, trouble: null }),
        failed,
      );
      await this.#checkpoints?.saveFinal(this.#signal, null);
      return this.#signal.aborted ? await this.#breakOff(this.#signal.reason) : ended;
    } finally {
      kept.saved = this.#checkpoints?.saved ?? kept.saved;
    }
  }

  #onSignal(type: InboxItem["type"]): void {
    if (type === "messages") {
      this.#steering.tell();
      return;
    }
    this.#isCancelled ||= type === "cancel";
    this.#stop.abort(new TurnStop(`a person asked to ${type}`));
  }

  async #work() {
    const { agent, options, reporter, gateway, kept, home, proxyUrl, attachments, attachmentsDirectory } =
      this.#context;
    const checkpoints = await this.#prepare();
    this.#checkpoints = checkpoints;
    const run = new AgentRun({
      ...(await agent),
      worker: options,
      gateway,
      assignment: this.#assignment,
      tree: this.#tree,
      checkpoints,
      steering: this.#steering,
      attachments,
      attachmentsDirectory,
      kept,
      home,
      proxyUrl,
      report: (event) => reporter.report(event),
      signal: this.#signal,
    });
    return await run.toItsEnd();
  }

  /** Sees to it that the work tree is there: a process that has done a turn has it. */
  async #prepare(): Promise<Checkpoints> {
    const { options, kept, reporter, repositoryUrl } = this.#context;
    const { turn, limits } = this.#assignment;
    kept.saved ??= await this.#clone();
    return new Checkpoints({
      directory: this.#tree.directory,
      repositoryUrl,
      git: this.#git,
      turn,
      everyMs: limits.checkpointMs,
      saved: kept.saved,
      report: (event) => reporter.reportAnyway(event),
      sleep: options.sleep,
      random: options.random,
    });
  }

  async #clone() {
    const { attempt, turn, restore } = this.#assignment;
    const startedAt = performance.now();
    // Nobody can have pushed to the branch before the first attempt of the first turn.
    const cloned = await this.#tree.clone({ ...this.#assignment, mayBePushed: attempt > 1 || turn > 1 });
    const { head, tree } = restore === null ? cloned : await this.#tree.restore(restore);
    const durationMs = Math.round(performance.now() - startedAt);
    this.#context.reporter.report({ type: "repository.cloned", commit: head, durationMs });
    return { tree, head, commit: null };
  }

  /** Ends the turn that somebody or something wants to end before its time, and keeps what was done. */
  async #breakOff(reason: unknown): Promise<{ event: WorkerEvent; trouble: string | null }> {
    if (reason instanceof WorkerStop) {
      if (reason.patience.saveMs > 0) await this.#checkpoints?.saveNow(reason.patience.saveMs);
      throw reason;
    }
    await this.#tree.clearLock();
    await this.#checkpoints?.saveFinal(new AbortController().signal, STOPPED_SAVE_MS);
    return reason instanceof TurnStop ? { event: { type: "turn.stopped" }, trouble: null } : failed(reason);
  }
}

function failed(error: unknown): { event: WorkerEvent; trouble: string | null } {
  const trouble = error instanceof TurnFailure ? null : describe(error);
  return { event: { type: "turn.failed", failure: toFailure(error) }, trouble };
}

/** An error as standard error gets it. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
