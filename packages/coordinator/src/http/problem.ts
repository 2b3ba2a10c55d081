import { type ErrorCode, PROBLEM_CONTENT_TYPE, type Problem, problemType } from "@farhand/protocol";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ZodError } from "zod";
import { FarhandError } from "../domain/failure.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";

type Status = 400 | 401 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 500 | 503;

/** The one place that knows what a code means over HTTP. Codes that no request can cause are not listed. */
const statuses: Partial<Record<ErrorCode, Status>> = {
  invalid_request: 400,
  repository_url_has_credential: 400,
  unauthorized: 401,
  not_found: 404,
  conflict: 409,
  idempotency_conflict: 409,
  removed: 410,
  payload_too_large: 413,
  attachment_unknown: 422,
  rate_limited: 429,
  origin_refused: 403,
  owner_only: 403,
  key_refused: 400,
  key_unreachable: 503,
  address_refused: 400,
  not_ready: 503,
  disk_full: 503,
  repository_not_found: 404,
  repository_needs_credential: 404,
  repository_unreachable: 503,
};

const titles: Partial<Record<ErrorCode, string>> = {
  invalid_request: "The request is not valid",
  repository_url_has_credential: "The repository's address holds a credential",
  unauthorized: "A valid token is needed",
  not_found: "There is nothing here",
  conflict: "The task is not in a state for this",
  idempotency_conflict: "The key belongs to another request",
  removed: "The task's files are gone",
  payload_too_large: "The request is too large",
  attachment_unknown: "An attachment is missing",
  rate_limited: "Too many requests",
  origin_refused: "Another web page may not ask this",
  owner_only: "Only the owner may do this",
  key_refused: "The service does not take the key",
  key_unreachable: "The key could not be tried",
  address_refused: "The address is not for you",
  repository_not_found: "There is no such repository",
  repository_needs_credential: "The repository needs a key of yours",
  repository_unreachable: "The repository cannot be reached",
  not_ready: "The server cannot do this just now",
  internal: "Something went wrong inside the server",
};

export interface ProblemFields {
  code: ErrorCode;
  detail: string;
  action: string;
  fields?: Problem["fields"];
}

export function problem({ code, detail, action, fields }: ProblemFields, requestId?: string): Problem {
  return {
    type: problemType(code),
    title: titles[code] ?? code.replaceAll("_", " "),
    status: statuses[code] ?? 500,
    code,
    detail,
    action,
    ...(requestId ? { requestId } : {}),
    ...(fields ? { fields } : {}),
  };
}

export function sendProblem(c: Context<ApiEnvironment>, fields: ProblemFields): Response {
  const body = problem(fields, c.get("requestId"));
  return c.body(JSON.stringify(body), body.status as Status, { "content-type": PROBLEM_CONTENT_TYPE });
}

/** What zod found, field by field, in the words of the schema. */
export function validationProblem(error: ZodError): ProblemFields {
  const fields = error.issues.map((issue) => ({
    path: issue.path.join(".") || "(body)",
    message: issue.message,
  }));
  return {
    code: "invalid_request",
    detail: fields.map(({ path, message }) => `${path}: ${message}`).join("; "),
    action: "Correct these fields and send the request again. /api/docs describes every field.",
    fields,
  };
}

/** Turns what was thrown into an answer. A bug tells the client nothing but the id to look for in the log. */
export function handleError(context: ApiContext) {
  return (error: Error, c: Context<ApiEnvironment>): Response => {
    if (error instanceof FarhandError) {
      const { code, message, action } = error.failure;
      return sendProblem(c, { code, detail: message, action });
    }
    if (error instanceof HTTPException && error.status < 500)
      return sendProblem(c, {
        code: error.status === 413 ? "payload_too_large" : "invalid_request",
        detail: error.status === 413 ? "The body is larger than 1 MiB." : error.message,
        action: "Correct the request and send it again.",
      });
    if (isBusy(error)) {
      context.logger.error({ err: error, requestId: c.get("requestId") }, "the database is in trouble");
      return sendProblem(c, {
        code: "not_ready",
        detail: "The server's database cannot be written to just now: it is locked, or its disk is full.",
        action: "Try again in a moment. If it goes on, look at the server's disk.",
      });
    }
    context.logger.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    return sendProblem(c, {
      code: "internal",
      detail: "The server could not answer this request.",
      action: "Try again. If it happens again, look for the request id in the server's log.",
    });
  };
}

/** Nothing was changed by a request that met this, and it may work the next time. */
function isBusy(error: Error): boolean {
  return "code" in error && /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(String(error.code));
}
