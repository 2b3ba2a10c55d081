import { Problem } from "@farhand/protocol";
import type { z } from "zod";
import { ApiError, notUnderstood, problem, UnreachableError } from "./api-error.ts";

export interface Call {
  method: "GET" | "POST" | "PATCH";
  /** Below the base URL, with its leading slash and without a query. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Statuses other than 2xx whose body is the expected answer all the same. */
  alsoAnswers?: readonly number[];
}

export interface Rest {
  /** @throws ApiError when the coordinator refuses, UnreachableError when it does not answer. */
  call<T>(schema: z.ZodType<T>, call: Call): Promise<T>;
}

export function createRest(options: { baseUrl: string; token: string; newId: () => string }): Rest {
  return {
    async call(schema, call) {
      const answer = await send(options, call);
      const name = `The answer to ${call.method} ${call.path}`;
      const body: unknown = await answer.json().catch(() => undefined);
      if (!answer.ok && !call.alsoAnswers?.includes(answer.status)) {
        throw refusal(answer.status, body, options.baseUrl);
      }
      const parsed = schema.safeParse(body);
      if (!parsed.success) {
        throw notUnderstood(name, body === undefined ? "it is not JSON" : firstIssue(parsed.error));
      }
      return parsed.data;
    },
  };
}

async function send(
  options: { baseUrl: string; token: string; newId: () => string },
  call: Call,
): Promise<Response> {
  const headers: Record<string, string> = {
    accept: "application/json, application/problem+json",
    authorization: `Bearer ${options.token}`,
  };
  if (call.method !== "GET") headers["idempotency-key"] = options.newId();
  if (call.body !== undefined) headers["content-type"] = "application/json";
  const init: RequestInit = { method: call.method, headers };
  if (call.body !== undefined) init.body = JSON.stringify(call.body);
  if (call.signal) init.signal = call.signal;
  try {
    return await fetch(`${options.baseUrl}${call.path}${query(call.query)}`, init);
  } catch (cause) {
    if (call.signal?.aborted) throw call.signal.reason;
    throw new UnreachableError(options.baseUrl, { cause });
  }
}

function query(values: Call["query"] = {}): string {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function refusal(status: number, body: unknown, baseUrl: string): ApiError {
  const parsed = Problem.safeParse(body);
  if (parsed.success) return new ApiError(parsed.data);
  return new ApiError(
    problem(
      status,
      "internal",
      `${baseUrl} answered with status ${status} and no reason.`,
      "Check that this is the coordinator's address, and look into its log.",
    ),
  );
}

/** The first thing that was wrong, such as `tasks.0.state: Invalid option`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "it is wrong";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
