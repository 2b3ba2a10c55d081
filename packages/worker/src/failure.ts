import type { ErrorCode, Failure } from "@farhand/protocol";

/** An expected trouble that ends the turn. It becomes the `turn.failed` event. */
export class TurnFailure extends Error {
  readonly failure: Failure;

  /** @param action what the user can do about it, as a sentence. */
  constructor(code: ErrorCode, message: string, action: string, retryable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = "TurnFailure";
    this.failure = { code, message, action, retryable };
  }
}

/** How long a process that ends takes over its last duties. */
export interface Patience {
  /** For a checkpoint of the turn that it breaks off; 0 for none. */
  saveMs: number;
  /** For the events that are left to reach the gateway. */
  flushMs: number;
}

/** The reason to end this process without an outcome of the turn, with the exit code that says why. */
export class WorkerStop extends Error {
  readonly exitCode: number;
  readonly patience: Patience;

  constructor(exitCode: number, message: string, patience: Patience = { saveMs: 0, flushMs: 0 }) {
    super(message);
    this.name = "WorkerStop";
    this.exitCode = exitCode;
    this.patience = patience;
  }
}

/** The reason to end the turn that is under way: a person asked for it. The process lives on. */
export class TurnStop extends Error {
  override readonly name = "TurnStop";
}

/** Translates whatever went wrong into what the user is told. */
export function toFailure(error: unknown): Failure {
  if (error instanceof TurnFailure) return error.failure;
  if (isDiskFull(error)) return diskFull().failure;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "worker_failed",
    message: `The worker failed: ${message}`,
    action: "Run the task again. If it happens again, report it with the task's log.",
    retryable: true,
  };
}

export function diskFull(): TurnFailure {
  return new TurnFailure(
    "disk_full",
    "The sandbox has no disk space left.",
    "Free disk space on the server, or give the sandbox more, and run the task again.",
    true,
  );
}

/** Whether a system call failed because the disk or the quota is full. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
