import type { ErrorCode, Problem } from "@farhand/protocol";
import { problemType } from "@farhand/protocol/constants";

/** The coordinator refused, or its answer makes no sense. `message` is the sentence for the user. */
export class ApiError extends Error {
  readonly problem: Problem;
  /** How long the server wants to be left alone; null where it did not say. */
  readonly retryAfterMs: number | null;
  /** The answer held no problem of the coordinator's: it may be from somebody in between. */
  readonly isUnworded: boolean;

  constructor(
    problem: Problem,
    options: { cause?: unknown; retryAfterMs?: number | null; isUnworded?: boolean } = {},
  ) {
    super(problem.detail, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "ApiError";
    this.problem = problem;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isUnworded = options.isUnworded ?? false;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }

  /** HTTP status, or the one that would fit where the trouble came over the WebSocket. */
  get status(): number {
    return this.problem.status;
  }

  /** What the user can do about it, as a sentence. */
  get action(): string {
    return this.problem.action;
  }
}

/** No answer came: the coordinator does not run there, or the network is down. Worth a retry. */
export class UnreachableError extends Error {
  readonly action: string;

  constructor(baseUrl: string, options?: { cause?: unknown }) {
    super(`No coordinator answers at ${baseUrl}.`, options);
    this.name = "UnreachableError";
    this.action =
      "Check the address and the network, and that the coordinator runs (`farhand up` starts one).";
  }
}

/** Whether a later try may succeed: the server's own trouble, a time-out, or too many requests. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** Whether a request failed only because the connection that it was made for is over, or nobody answers at present. */
export function isLost(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted || error instanceof UnreachableError) return true;
  return error instanceof ApiError && error.code !== "unsupported_protocol" && mayPass(error.status);
}

/** A problem that this side found, in the coordinator's own form. */
export function problem(status: number, code: ErrorCode, detail: string, action: string): Problem {
  return { type: problemType(code), title: code.replaceAll("_", " "), status, code, detail, action };
}

/** The other side sent something that this version of the protocol does not know. */
export function notUnderstood(what: string, why: string): ApiError {
  return new ApiError(
    problem(
      502,
      "unsupported_protocol",
      `${what} is not in the form that this client understands: ${why}.`,
      "Bring the client and the coordinator to the same version.",
    ),
  );
}
