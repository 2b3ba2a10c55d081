import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Assignment, PROTOCOL_VERSION, WorkerExit } from "@farhand/protocol";
import { Attachments } from "./attachments.ts";
import { type BackoffSettings, backoffMs } from "./backoff.ts";
import { EgressProxy } from "./egress-proxy.ts";
import { toFailure, WorkerStop } from "./failure.ts";
import { Forwarder } from "./forwarder.ts";
import { GatewayAway, GatewayClient } from "./gateway-client.ts";
import { Reporter } from "./reporter.ts";
import { Spool } from "./spool.ts";
import { describe, Turn, type TurnEnd } from "./turn.ts";
import { loadAgent, type TurnContext } from "./turn-context.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How long a worker that is cancelled or broken waits for its last events to be taken. */
const LAST_FLUSH_MS = 10_000;
const ASSIGNMENT_BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

/** Beside the clone's folder. */
const ATTACHMENTS = "attachments";

export interface WorkerEnd {
  exitCode: number;
  /** What to say on standard error; empty when the log says it all. */
  message: string;
}

/** Does turn after turn of one task, rests in between, and tells how the process is to end. */
export async function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  const { environment, stop, sleep, random, now, version, elapsedMs } = options;
  const home = join(environment.workspace, "home");
  const spoolFolder = join(environment.workspace, "spool");
  await mkdir(home, { recursive: true });
  await mkdir(spoolFolder, { recursive: true });
  const attachmentsDirectory = join(environment.workspace, ATTACHMENTS);
  await mkdir(attachmentsDirectory, { recursive: true });

  const gateway = new GatewayClient({ ...environment, onStop: (reason) => stop.abort(reason) });
  using spool = new Spool(join(spoolFolder, "events.jsonl"), now);
  await using reporter = new Reporter({
    spool,
    post: (events, signal) => gateway.postEvents(events, signal),
    sleep,
    random,
    onRefused: (error) => stop.abort(error),
  });
  await using forwarder = new Forwarder(gateway);
  await using proxy = await EgressProxy.listen(environment);
  reporter.report({ type: "worker.ready", version, startMs: Math.round(elapsedMs() * 10) / 10 });

  const { repositoryUrl } = forwarder;
  const { url: proxyUrl } = proxy;
  const kept = { saved: null, system: null };
  const context: TurnContext = {
    options,
    gateway,
    reporter,
    repositoryUrl,
    proxyUrl,
    home,
    attachments: new Attachments({
      directory: attachmentsDirectory,
      seenAs: `../${ATTACHMENTS}`,
      fetch: (id, signal) => gateway.attachment(id, signal),
      sleep,
      random,
    }),
    attachmentsDirectory,
    agent: loadAgent(),
    kept,
  };
  let turn = 0;
  try {
    for (;;) {
      const assignment = await nextAssignment(context, turn);
      if (assignment === null) return { exitCode: WorkerExit.done, message: "" };
      ({ turn } = assignment);
      const end = await endOf(context, await new Turn(context, assignment).run());
      if (end !== null) return end;
      spool.trim();
    }
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : error;
    if (reason instanceof WorkerStop) {
      await reporter.flush(AbortSignal.timeout(reason.patience.flushMs));
      return { exitCode: reason.exitCode, message: reason.message };
    }
    const crashed = { exitCode: WorkerExit.crashed, message: describe(reason) };
    if (turn > 0) return crashed;
    // Without an assignment there is no turn yet that would report it.
    reporter.reportAnyway({ type: "turn.failed", failure: toFailure(reason) });
    const isKnown = await reporter.flush(AbortSignal.timeout(LAST_FLUSH_MS));
    return isKnown ? { ...crashed, exitCode: WorkerExit.done } : crashed;
  }
}

/**
 * The assignment of the turn after `turn`, or null when there will be none: while this worker rested, another took its
 * place.
 */
async function nextAssignment(context: TurnContext, turn: number): Promise<Assignment | null> {
  const { gateway, options } = context;
  const { stop, sleep, random } = options;
  for (let retries = 0; ; retries++) {
    try {
      const assignment = await gateway.assignment(turn, stop.signal);
      if (assignment.protocol === PROTOCOL_VERSION) return assignment;
      throw new WorkerStop(
        WorkerExit.unsupportedProtocol,
        `the gateway speaks protocol ${assignment.protocol}, this worker speaks ${PROTOCOL_VERSION}`,
      );
    } catch (error) {
      if (turn > 0 && error instanceof WorkerStop && error.exitCode === WorkerExit.stale) return null;
      if (!(error instanceof GatewayAway)) throw error;
      await sleep(backoffMs(retries, ASSIGNMENT_BACKOFF, random), stop.signal);
    }
  }
}

/**
 * Waits until the log has the turn's last event, however long the gateway is away: before that the turn has not
 * ended. Only the end of the process cuts that short.
 *
 * @returns how the process is to end, or null when it goes on.
 */
async function endOf({ reporter, options }: TurnContext, ended: TurnEnd): Promise<WorkerEnd | null> {
  const { signal } = options.stop;
  if (ended.next === "turn") {
    await reporter.flush(signal);
    signal.throwIfAborted();
    return null;
  }
  const { exitCode, message } = ended;
  const isKnown = await reporter.flush(AbortSignal.timeout(LAST_FLUSH_MS));
  return { exitCode: isKnown || exitCode !== WorkerExit.done ? exitCode : WorkerExit.crashed, message };
}
