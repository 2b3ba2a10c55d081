import { type ErrorCode, Failure, PROBLEM_CONTENT_TYPE, type Problem, problemType } from "@farhand/protocol";

/** What each code is over HTTP on a task's socket, and what the worker can do about it. */
const known: Partial<Record<ErrorCode, { status: number; title: string; action: string }>> = {
  policy: {
    status: 403,
    title: "Not allowed by policy",
    action: "Do without it: nothing that the agent does can lift this.",
  },
  not_found: {
    status: 404,
    title: "There is nothing here",
    action: "Go on without it.",
  },
  unauthorized: {
    status: 401,
    title: "No valid attempt token",
    action: "Send this attempt's token as `authorization: Bearer …`.",
  },
  model_key_missing: {
    status: 401,
    title: "No model key is set",
    action:
      "Add one with `farhand keys add model` and run the turn again; the server's owner may set ANTHROPIC_API_KEY instead.",
  },
  not_ready: {
    status: 503,
    title: "Busy with this task's other calls",
    action: "Come again in a moment.",
  },
  rate_limited: {
    status: 429,
    title: "Too many model calls at once",
    action: "Wait until earlier calls have ended.",
  },
  stale_attempt: {
    status: 410,
    title: "A newer attempt has taken over",
    action: "Stop: nothing that this attempt sends is taken any more.",
  },
  unsupported_protocol: {
    status: 426,
    title: "Another protocol version",
    action: "Run the worker image of the coordinator's own release.",
  },
  event_gap: {
    status: 409,
    title: "Events are missing",
    action: "Send again from the event after the last acknowledged one.",
  },
  payload_too_large: {
    status: 413,
    title: "The body is too large",
    action: "Send less at once.",
  },
  invalid_request: {
    status: 400,
    title: "The request cannot be understood",
    action: "Mend the fields named in `fields`.",
  },
  internal: {
    status: 500,
    title: "Something went wrong in the gateway",
    action: "Try again; if it stays, look into the coordinator's log.",
  },
};

/** What a caller is told to wait who comes while too much of its own is under way. */
const BUSY_SECONDS = 2;

interface ProblemOptions {
  /** In place of the code's usual one. */
  action?: string;
  fields?: NonNullable<Problem["fields"]>;
  headers?: Record<string, string>;
}

/** A problem+json answer for one of the gateway's own codes. */
export function problem(code: ErrorCode, detail: string, options: ProblemOptions = {}): Response {
  const entry = known[code] ?? known.internal;
  const { action = entry?.action ?? "" } = options;
  return answer({ code, detail, status: 500, title: code, ...entry, action }, options);
}

/** For a call that has no place at the moment and may have one soon. */
export function busy(detail: string): Response {
  return problem("not_ready", detail, { headers: { "retry-after": String(BUSY_SECONDS) } });
}

export function staleAttempt(): Response {
  return problem("stale_attempt", "The token belongs to an attempt of this task that has been replaced.");
}

/** A model call that may not be made, in the coordinator's own words. */
export function refusedBy({
  code,
  message,
  action,
}: {
  code: ErrorCode;
  message: string;
  action: string;
}): Response {
  return answer({ code, detail: message, action, title: known[code]?.title ?? "Refused", status: 402 });
}

/** For a sandbox between two turns. */
export function resting(): Response {
  return problem(
    "policy",
    "The turn is over. Until the next one begins, this sandbox may ask for its assignment and report events, " +
      "and nothing else.",
  );
}

/**
 * A problem+json answer for an error of a port. Expected failures carry a `failure` (see protocol's `Failure`)
 * and are told as they are; anything else is a bug and tells nothing.
 */
export function problemOf(error: unknown): Response {
  const carried = error instanceof Error && "failure" in error ? Failure.safeParse(error.failure) : null;
  if (carried?.success !== true) return problem("internal", "The coordinator could not answer this request.");
  const { code, message, action, retryable } = carried.data;
  const entry = known[code];
  return answer({
    code,
    detail: message,
    action,
    title: entry?.title ?? "The task cannot go on",
    status: entry?.status ?? (retryable ? 503 : 422),
  });
}

function answer(fields: Omit<Problem, "type" | "fields">, options: ProblemOptions = {}): Response {
  const body: Problem = { type: problemType(fields.code), ...fields };
  if (options.fields !== undefined) body.fields = options.fields;
  return new Response(JSON.stringify(body), {
    status: fields.status,
    headers: { "content-type": PROBLEM_CONTENT_TYPE, ...options.headers },
  });
}
