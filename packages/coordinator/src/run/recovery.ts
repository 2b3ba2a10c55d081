import type { Clock, SandboxRef } from "../domain/ports.ts";
import type { AttemptStore, EventLog, TaskRecord, TaskStore } from "../domain/store.ts";
import type { TurnEnd } from "../domain/turn-end.ts";
import { leaseOf } from "./attempt-options.ts";
import { isReport, type Report } from "./outcome.ts";
import type { Supervisor } from "./supervisor.ts";

export interface RecoveryOptions {
  tasks: TaskStore;
  attempts: AttemptStore;
  log: EventLog;
  supervisor: Supervisor;
  owner: string;
  clock: Clock;
}

/** How far back a report of the turn's end can lie: what follows it are the events of publishing. */
const LOOK_BACK = 100;

/**
 * Takes up a task that nobody watches over: one whose sandbox is there is adopted, also one that has ended meanwhile;
 * the turn of any other goes back into the queue, or ends as its worker had reported.
 */
export async function recoverTask(
  options: RecoveryOptions,
  task: TaskRecord,
  sandboxes: SandboxRef[],
): Promise<void> {
  const { tasks, attempts, log, supervisor } = options;
  const report = await lastReport(log, task);
  const open = (await attempts.open()).some((it) => it.taskId === task.id && it.attempt === task.attempt);
  const ref = sandboxes.find((it) => it.taskId === task.id && it.attempt === task.attempt);
  if (ref && open) {
    await tasks.takeOver(task.id, leaseOf(options));
    supervisor.adopt(task, ref, report);
    return;
  }
  if (open) await endAttempt(options, task.id, task.attempt);
  await supervisor.settle(task.id, endFor(report));
}

/** Closes an attempt whose sandbox is gone. */
export async function endAttempt(
  { attempts, log }: Pick<RecoveryOptions, "attempts" | "log">,
  taskId: string,
  attempt: number,
): Promise<void> {
  if (!(await attempts.end(taskId, attempt, null))) return;
  await log.append(taskId, attempt, [
    { type: "attempt.ended", attempt, exitCode: null, sandboxRemoved: true },
  ]);
}

function endFor(report: Report | null): TurnEnd {
  switch (report?.type) {
    case "turn.stopped":
      return { kind: "stopped" };
    case "turn.failed":
      return { kind: "failed", failure: report.failure };
    default:
      // A finished turn comes back from the queue to be published, without a sandbox.
      return { kind: "interrupted" };
  }
}

/** What the worker has reported of the current turn's end; null while it goes on. */
async function lastReport(log: EventLog, task: TaskRecord): Promise<Report | null> {
  const { events } = await log.readBefore(task.id, task.lastSeq + 1, LOOK_BACK);
  for (const { body } of events.toReversed()) {
    if (isReport(body)) return body;
    if (body.type === "turn.started" || body.type === "attempt.started" || body.type === "attempt.resumed")
      return null;
  }
  return null;
}
