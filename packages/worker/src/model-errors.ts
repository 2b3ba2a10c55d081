import { AnthropicError, APIConnectionError, APIError } from "@anthropic-ai/sdk";
import { type ErrorCode, type Failure, Problem } from "@farhand/protocol";
import { type BackoffSettings, backoffMs } from "./backoff.ts";

/** A failed model call, in the terms that decide what happens next. */
export interface ModelTrouble {
  kind: "refused" | "overloaded" | "unreachable" | "bad_answer";
  /** HTTP status, or the one that the API's error type stands for; null where no answer came. */
  status: number | null;
  /** The API's own sentence where it gave one. */
  message: string;
  /** How long the API asks to wait, in milliseconds; null where it says nothing. */
  retryAfterMs: number | null;
  /** What the gateway said, where it was the gateway that refused. */
  problem: Problem | null;
}

/** The model's answer came in full but makes no sense. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}

/** Statuses of the error types that may come in the middle of a stream. */
const STATUS_OF_TYPE: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Reads what the SDK threw. @param now the clock for a `retry-after` that names a time. */
export function describeModelError(error: unknown, now: Date): ModelTrouble {
  const trouble = { status: null, message: messageOf(error), retryAfterMs: null, problem: null };
  if (error instanceof BadAnswer) return { ...trouble, kind: "bad_answer" };
  if (error instanceof APIConnectionError)
    return { ...trouble, kind: "unreachable", message: connectionMessage(error) };
  if (error instanceof APIError) {
    const status = error.status ?? STATUS_OF_TYPE[error.type ?? ""] ?? 500;
    const problem = Problem.safeParse(error.error).data ?? null;
    return {
      kind: kindOf(status),
      status,
      message: problem?.detail ?? error.apiMessage ?? error.message,
      retryAfterMs: retryAfterMs(error.headers, now),
      problem,
    };
  }
  if (error instanceof AnthropicError && isUnreadable(error)) {
    return { ...trouble, kind: "bad_answer", message: "a tool call was not valid JSON" };
  }
  return { ...trouble, kind: "unreachable" };
}

/** The SDK has no class of its own for a tool call or an event that is not JSON. */
function isUnreadable(error: AnthropicError): boolean {
  return (
    error.message.startsWith("Unable to parse tool parameter JSON") || error.cause instanceof SyntaxError
  );
}

function kindOf(status: number): ModelTrouble["kind"] {
  if (status === 429 || status === 529) return "overloaded";
  if (status >= 500 || status === 408 || status === 409) return "unreachable";
  return "refused";
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Bun's advice to programmers.
  return message.replace(/\.? For more information, pass `verbose.*$/s, "");
}

function connectionMessage(error: APIConnectionError): string {
  return messageOf(error.cause instanceof Error ? error.cause : error);
}

/** Reads `retry-after-ms` and `retry-after` (seconds or a date); null where neither says anything sensible. */
export function retryAfterMs(headers: Headers | undefined, now: Date): number | null {
  const milliseconds = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const text = headers?.get("retry-after");
  if (!text) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

const BACKOFF: BackoffSettings = { baseMs: 1_000, capMs: 60_000 };
/** The longest wait that the API may ask for before the turn is given up instead. */
export const LONGEST_WAIT_MS = 10 * 60_000;

export type Decision =
  | { action: "retry"; delayMs: number; reason: string }
  | { action: "fail"; failure: Failure };

/** What follows a failed model call. @param retries repeats of this call made so far. */
export function decide(
  trouble: ModelTrouble,
  call: { model: string; retries: number; maxRetries: number; random: () => number },
): Decision {
  if (trouble.kind === "refused") return { action: "fail", failure: refusalFailure(trouble, call.model) };
  if (call.retries >= call.maxRetries || (trouble.retryAfterMs ?? 0) > LONGEST_WAIT_MS) {
    return { action: "fail", failure: exhaustedFailure(trouble, call.retries) };
  }
  const waitMs = backoffMs(call.retries, BACKOFF, call.random);
  return { action: "retry", delayMs: Math.max(waitMs, trouble.retryAfterMs ?? 0), reason: reasonOf(trouble) };
}

function reasonOf(trouble: ModelTrouble): string {
  switch (trouble.kind) {
    case "overloaded":
      return trouble.status === 429 ? "the API's rate limit is reached" : "the API is overloaded";
    case "bad_answer":
      return `the model's answer could not be read (${trouble.message})`;
    case "unreachable":
    case "refused":
      return trouble.status === null
        ? `the connection to the API failed (${trouble.message})`
        : `the API answered ${trouble.status} (${trouble.message})`;
  }
}

function refusalFailure(trouble: ModelTrouble, model: string): Failure {
  if (trouble.problem) {
    const { code, detail, action } = trouble.problem;
    return { code, message: detail, action, retryable: false };
  }
  const failure = (code: ErrorCode, message: string, action: string) => ({
    code,
    message,
    action,
    retryable: false,
  });
  switch (trouble.status) {
    case 401:
    case 403:
      return failure(
        "model_key_refused",
        `The API does not accept the key: ${trouble.message}`,
        "Check that the model key is right, active and allowed to use this model, and run the task again.",
      );
    case 402:
      return failure(
        "model_key_refused",
        `The API asks for payment: ${trouble.message}`,
        "Look at the billing of the account that the model key belongs to, and run the task again.",
      );
    case 404:
      return failure(
        "model_unknown",
        `The API does not know the model ${model}: ${trouble.message}`,
        "Choose a model that your key may use and run the task again.",
      );
    default:
      return failure(
        "model_request_refused",
        `The API refused the request: ${trouble.message}`,
        "If the conversation has grown too long, start a new task with what is left; otherwise do what the API says.",
      );
  }
}

function exhaustedFailure(trouble: ModelTrouble, retries: number): Failure {
  const tries = `${retries + 1} ${retries === 0 ? "try" : "tries"}`;
  const failure = (code: ErrorCode, message: string, action: string) => ({
    code,
    message,
    action,
    retryable: true,
  });
  switch (trouble.kind) {
    case "overloaded": {
      const waitMs = trouble.retryAfterMs ?? 0;
      const asks = waitMs > LONGEST_WAIT_MS ? ` It asks to wait ${Math.ceil(waitMs / 60_000)} minutes.` : "";
      return failure(
        "model_overloaded",
        `The API took no request in ${tries}: ${trouble.message}.${asks}`,
        "Wait a while and run the task again, or choose another model.",
      );
    }
    case "bad_answer":
      return failure(
        "model_bad_answer",
        `The model's answer could not be read in ${tries}: ${trouble.message}.`,
        "Run the task again, or choose another model.",
      );
    case "unreachable":
    case "refused":
      return failure(
        "model_unreachable",
        `The API gave no whole answer in ${tries}: ${trouble.message}.`,
        "Check the server's network and the API's status page, and run the task again.",
      );
  }
}
