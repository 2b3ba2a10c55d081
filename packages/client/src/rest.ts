import { IDEMPOTENCY_HEADER, Problem } from "@farhand/protocol";
import type { z } from "zod";
import { ApiError, notUnderstood, problem, UnreachableError } from "./api-error.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { pause } from "./pause.ts";
import type { TokenSource } from "./token-source.ts";

interface Request {
  /** Below the base URL, with its leading slash and without a query. */
  path: string;
  query?: Record<string, string | number | undefined>;
  signal?: AbortSignal | undefined;
}

export interface Read extends Request {
  /** Statuses other than 2xx whose body is the expected answer all the same. */
  alsoAnswers?: readonly number[];
}

export interface Change extends Request {
  method: "POST" | "PATCH" | "PUT" | "DELETE";
  body?: unknown;
  /** A new one where none is given. */
  idempotencyKey?: string | undefined;
}

/** A file's bytes as they come. */
export interface RawFile {
  /** Null where whoever stands between has left it out. */
  sizeBytes: number | null;
  body: ReadableStream<Uint8Array>;
}

/** Methods throw ApiError when the coordinator refuses and UnreachableError when it does not answer. */
export interface Rest {
  read<T>(schema: z.ZodType<T>, read: Read): Promise<T>;
  bytes(request: Request): Promise<RawFile>;
  /** Asks again, under the same key, while nobody answers or the coordinator is not ready. */
  change<T>(schema: z.ZodType<T>, change: Change): Promise<T>;
}

export interface RestOptions {
  baseUrl: string;
  token: TokenSource;
  newId: () => string;
  /** How often a change is asked for again. */
  retries: number;
  backoff: Backoff;
}

interface Init {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

export function createRest(options: RestOptions): Rest {
  /** Asks once more with a new token where the coordinator refuses the one that there was. */
  async function send(path: Request, init: Init): Promise<Response> {
    const token = await options.token.current();
    const answer = await sendWith(token, path, init);
    if (answer.status !== 401) return answer;
    const renewed = await options.token.renew(token);
    return renewed === null ? answer : sendWith(renewed, path, init);
  }

  async function sendWith(token: string, path: Request, init: Init): Promise<Response> {
    const headers = { ...init.headers, ...(token === "" ? {} : { authorization: `Bearer ${token}` }) };
    try {
      return await fetch(`${options.baseUrl}${path.path}${query(path.query)}`, {
        ...init,
        headers,
        ...(path.signal ? { signal: path.signal } : {}),
      });
    } catch (cause) {
      throw lost(path.signal, cause);
    }
  }

  /** An answer that broke off is as good as none: nobody knows what it said. */
  function lost(signal: AbortSignal | undefined, cause: unknown): unknown {
    return signal?.aborted ? signal.reason : new UnreachableError(options.baseUrl, { cause });
  }

  /** The body's JSON; undefined where it is none. */
  async function jsonOf(answer: Response, signal: AbortSignal | undefined): Promise<unknown> {
    const text = await answer.text().catch((cause: unknown) => {
      throw lost(signal, cause);
    });
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  async function ask<T>(schema: z.ZodType<T>, request: Read, init: Init): Promise<T> {
    const answer = await send(request, init);
    const body = await jsonOf(answer, request.signal);
    if (!answer.ok && !request.alsoAnswers?.includes(answer.status)) {
      throw refusal(answer.status, body, options.baseUrl);
    }
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw notUnderstood(
      `The answer to ${init.method} ${request.path}`,
      body === undefined ? "it is not JSON" : firstIssue(parsed.error),
    );
  }

  return {
    read: (schema, request) => ask(schema, request, { method: "GET", headers: { accept: JSON_TYPES } }),
    async bytes(request) {
      const answer = await send(request, { method: "GET", headers: { accept: "*/*" } });
      if (!answer.ok) {
        throw refusal(answer.status, await jsonOf(answer, request.signal), options.baseUrl);
      }
      // The length of what was compressed on its way says nothing about the file.
      const length = answer.headers.has("content-encoding") ? null : answer.headers.get("content-length");
      return {
        sizeBytes: length === null ? null : Number(length),
        body: answer.body ?? new Blob([]).stream(),
      };
    },
    async change(schema, { method, body, idempotencyKey, ...request }) {
      const headers: Record<string, string> = {
        accept: JSON_TYPES,
        [IDEMPOTENCY_HEADER]: idempotencyKey ?? options.newId(),
      };
      if (body !== undefined) headers["content-type"] = "application/json";
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      for (let failures = 0; ; failures++) {
        try {
          return await ask(schema, request, { method, headers, ...text });
        } catch (error) {
          if (failures >= options.retries || !isWorthRepeating(error)) throw error;
        }
        await pause(backoffMs(failures, options.backoff, Math.random()), request.signal);
        request.signal?.throwIfAborted();
      }
    },
  };
}

const JSON_TYPES = "application/json, application/problem+json";

/** Nobody answered, so it may or may not have been done, or the coordinator only begins or ends. */
function isWorthRepeating(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ApiError && error.status === 503 && error.code === "not_ready";
}

function query(values: Request["query"] = {}): string {
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
