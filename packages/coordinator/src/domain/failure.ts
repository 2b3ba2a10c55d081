import type { ErrorCode, Failure } from "@farhand/protocol";

/**
 * An expected trouble on its way to the user. Thrown where a technology folder meets it, caught where a task
 * or a request ends; anything else that is thrown is a bug.
 */
export class FarhandError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.message, options);
    this.name = "FarhandError";
    this.failure = failure;
  }

  get code(): ErrorCode {
    return this.failure.code;
  }
}

/**
 * @param action what the user can do about it, as a sentence.
 * @param options.commit what was held back, where it is about that
 */
export function failure(
  code: ErrorCode,
  message: string,
  action: string,
  options: { retryable?: boolean; commit?: string; cause?: unknown } = {},
): FarhandError {
  const { retryable = false, commit } = options;
  return new FarhandError({ code, message, action, retryable, ...(commit ? { commit } : {}) }, options);
}
