import type { Failure, WorkerEvent } from "@farhand/protocol";
import type { SandboxExit } from "../domain/ports.ts";

/** Why the supervisor ended an attempt by itself. */
export type StopReason = "cancelled" | "shutdown" | "timeout" | "engine_away" | "lease_lost";

export type Report = Extract<WorkerEvent, { type: "turn.finished" | "turn.failed" }>;

export type Outcome =
  | { kind: "finished"; report: Extract<Report, { type: "turn.finished" }> }
  | { kind: "failed"; failure: Failure }
  | { kind: "cancelled" }
  /** Another coordinator has the task: leave it alone. */
  | { kind: "taken" };

/** What an attempt came to. What the worker reported counts before how its process ended. */
export function decideOutcome(facts: {
  stopReason: StopReason | null;
  /** A failure of the coordinator's own, such as a repository that cannot be fetched. */
  ownFailure: Failure | null;
  report: Report | null;
  exit: SandboxExit | null;
  turnTimeoutMs: number;
}): Outcome {
  const { stopReason, ownFailure, report, exit } = facts;
  if (stopReason === "lease_lost") return { kind: "taken" };
  if (stopReason === "cancelled") return { kind: "cancelled" };
  if (report?.type === "turn.finished") return { kind: "finished", report };
  if (ownFailure) return { kind: "failed", failure: ownFailure };
  if (report) return { kind: "failed", failure: report.failure };
  if (stopReason) return { kind: "failed", failure: stopFailure(stopReason, facts.turnTimeoutMs) };
  return { kind: "failed", failure: deathFailure(exit) };
}

function stopFailure(reason: "shutdown" | "timeout" | "engine_away", turnTimeoutMs: number): Failure {
  switch (reason) {
    case "shutdown":
      return interruptedFailure;
    case "timeout":
      return {
        code: "turn_timeout",
        message: `The turn took longer than ${Math.round(turnTimeoutMs / 60_000)} minutes and was stopped.`,
        action: "Give the agent a smaller task, or raise FARHAND_TURN_TIMEOUT_MINUTES.",
        retryable: true,
      };
    case "engine_away":
      return {
        code: "sandbox_unavailable",
        message: "Docker stopped answering while the task ran.",
        action: "Start Docker again (./farhand doctor says how), then send the task again.",
        retryable: true,
      };
  }
}

/** The coordinator stopped, or had crashed, while it worked on the task. */
export const interruptedFailure: Failure = {
  code: "coordinator_stopped",
  message: "The server was stopped while the task ran.",
  action: "Send the task again now that the server is back.",
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
    action: "Send the task again. If it happens again, the task's log file tells more.",
    retryable: true,
  };
}
