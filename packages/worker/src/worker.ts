import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WorkerExit } from "@farhand/protocol";
import { TurnFailure, toFailure, WorkerStop } from "./failure.ts";
import { GatewayClient } from "./gateway-client.ts";
import { Inbox } from "./inbox.ts";
import { Reporter } from "./reporter.ts";
import { Spool } from "./spool.ts";
import { Turn } from "./turn.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How long a worker that is cancelled or broken waits for its last events to be taken. */
const LAST_FLUSH_MS = 10_000;

export interface WorkerEnd {
  exitCode: number;
  /** What to say on standard error; empty when the log says it all. */
  message: string;
}

/** Does one turn of one task and tells how the process is to end. */
export async function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  const { environment, stop, sleep, random, now } = options;
  const home = join(environment.workspace, "home");
  const spoolFolder = join(environment.workspace, "spool");
  await mkdir(home, { recursive: true });
  await mkdir(spoolFolder, { recursive: true });

  const gateway = new GatewayClient({ ...environment, onStop: (reason) => stop.abort(reason) });
  using spool = new Spool(join(spoolFolder, "events.jsonl"), now);
  await using reporter = new Reporter({
    spool,
    post: (events, signal) => gateway.postEvents(events, signal),
    sleep,
    random,
    onRefused: (error) => stop.abort(error),
  });
  await using inbox = new Inbox({
    poll: (after, signal) => gateway.inbox(after, signal),
    sleep,
    random,
    delivered: spool.recovered.flatMap(({ event }) =>
      event.type === "user.message" ? (event.messageId ?? []) : [],
    ),
    onCancel: () => stop.abort(new WorkerStop(WorkerExit.cancelled, "the task was cancelled", LAST_FLUSH_MS)),
    onRefused: (error) => stop.abort(error),
  });

  let end: WorkerEnd = { exitCode: WorkerExit.done, message: "" };
  try {
    await new Turn(options, gateway, reporter, inbox, spool, home).run();
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : error;
    if (reason instanceof WorkerStop) return await stopped(reporter, reason);
    reporter.reportLast({ type: "turn.failed", failure: toFailure(reason) });
    if (!(reason instanceof TurnFailure)) end = { exitCode: WorkerExit.done, message: describe(reason) };
  }

  // The outcome counts once the log has it, however long the gateway is away; a stop alone cuts that short.
  const patience = stop.signal.aborted ? AbortSignal.timeout(LAST_FLUSH_MS) : stop.signal;
  if (await reporter.flush(patience)) return end;
  const { reason } = stop.signal;
  if (reason instanceof WorkerStop) return await stopped(reporter, reason);
  return { exitCode: WorkerExit.crashed, message: end.message || describe(reason) };
}

async function stopped(reporter: Reporter, reason: WorkerStop): Promise<WorkerEnd> {
  await reporter.flush(AbortSignal.timeout(reason.flushMs));
  return { exitCode: reason.exitCode, message: reason.message };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
