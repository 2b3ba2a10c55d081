import { type Failure, type WorkerEvent, WorkerExit } from "@farhand/protocol";
import type { SandboxExit } from "../domain/ports.ts";
import type { TurnEnd } from "../domain/turn-end.ts";

/** Why the supervisor ended a turn by itself. */
export type StopReason =
  | "stopped"
  | "cancelled"
  | "shutdown"
  /** It waits for a person, and its place is needed. */
  | "suspended"
  | "turn_timeout"
  | "task_timeout"
  | "no_progress"
  /** Its events would fill the disk. */
  | "reported_too_much"
  | "engine_away"
  | "lease_lost";

export type Report = Extract<WorkerEvent, { type: "turn.finished" | "turn.failed" | "turn.stopped" }>;

export const isReport = (event: { type: string }): event is Report =>
  event.type === "turn.finished" || event.type === "turn.failed" || event.type === "turn.stopped";

export interface TimeLimits {
  turnTimeoutMs: number;
  taskTimeoutMs: number;
  noProgressMs: number;
}

/**
 * What a turn came to; null when another coordinator has the task. What the worker reported counts before how its
 * process ended, and what people asked for before both.
 */
export function decideOutcome(facts: {
  stopReason: StopReason | null;
  /** A failure of the coordinator's own, such as a repository that cannot be fetched. */
  ownFailure: Failure | null;
  report: Report | null;
  exit: SandboxExit | null;
  limits: TimeLimits;
}): TurnEnd | null {
  const { stopReason, ownFailure, report, exit } = facts;
  if (stopReason === "lease_lost") return null;
  if (stopReason === "cancelled" || exit?.exitCode === WorkerExit.cancelled) return { kind: "cancelled" };
  if (report?.type === "turn.finished") return { kind: "finished" };
  if (stopReason === "stopped") return { kind: "stopped" };
  if (isTimeLimit(stopReason)) return { kind: "failed", failure: limitFailure(stopReason, facts.limits) };
  if (stopReason === "reported_too_much") return { kind: "failed", failure: reportedTooMuch };
  if (report?.type === "turn.stopped") return { kind: "stopped" };
  if (stopReason === "shutdown") return { kind: "interrupted" };
  if (stopReason === "suspended") return { kind: "suspended" };
  if (ownFailure) return { kind: "failed", failure: ownFailure };
  if (report) return { kind: "failed", failure: report.failure };
  if (stopReason === "engine_away") return { kind: "failed", failure: engineAway };
  const failure = deathFailure(exit);
  return failure.code === "out_of_memory" ? { kind: "failed", failure } : { kind: "lost", failure };
}

type TimeLimit = "turn_timeout" | "task_timeout" | "no_progress";

function isTimeLimit(reason: StopReason | null): reason is TimeLimit {
  return reason === "turn_timeout" || reason === "task_timeout" || reason === "no_progress";
}

function limitFailure(reason: TimeLimit, limits: TimeLimits): Failure {
  const minutes = (ms: number) => Math.max(1, Math.round(ms / 60_000));
  switch (reason) {
    case "turn_timeout":
      return {
        code: "turn_timeout",
        message: `The turn took longer than ${minutes(limits.turnTimeoutMs)} minutes and was stopped.`,
        action: "Give the agent a smaller task, or raise FARHAND_TURN_TIMEOUT_MINUTES.",
        retryable: true,
      };
    case "task_timeout":
      return {
        code: "task_timeout",
        message: `The turns of this task took longer than ${minutes(limits.taskTimeoutMs)} minutes together, so this one was stopped.`,
        action: "Fork the task to go on, or raise FARHAND_TASK_TIMEOUT_MINUTES.",
        retryable: false,
      };
    case "no_progress":
      return {
        code: "no_progress",
        message: `Nothing was heard of the agent for more than ${minutes(limits.noProgressMs)} minutes, also after it was asked, so the turn was stopped.`,
        action: "Look at its last step in the log, then run the turn again or send a message.",
        retryable: true,
      };
  }
}

const reportedTooMuch: Failure = {
  code: "payload_too_large",
  message: "The agent reported more than one attempt may, so the turn was stopped. Its files are kept.",
  action: "Look at its last steps in the log. Then run the turn again, or ask for smaller steps.",
  retryable: true,
};

const engineAway: Failure = {
  code: "sandbox_unavailable",
  message: "Docker stopped answering while the task ran.",
  action: "Start Docker again (./farhand doctor says how), then run the turn again.",
  retryable: true,
};

function deathFailure(exit: SandboxExit | null): Failure {
  if (exit?.outOfMemory && exit.exitCode === 137)
    return {
      code: "out_of_memory",
      message: "The worker needed more memory than its sandbox has and was ended by the kernel.",
      action: "Raise FARHAND_WORKER_MEMORY_MIB, or give the agent a smaller task.",
      retryable: true,
    };
  const how = exit?.exitCode == null ? "its sandbox is gone" : `it ended with code ${exit.exitCode}`;
  const tail = exit?.tail.trim();
  return {
    code: "worker_died",
    message: `The worker ended before it had finished: ${how}.${tail ? ` Its last words: ${tail.slice(-500)}` : ""}`,
    action: "Run the turn again. If it happens again, the task's log file tells more.",
    retryable: true,
  };
}
