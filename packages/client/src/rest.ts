import { IDEMPOTENCY_HEADER } from "@farhand/protocol/constants";
import type { AnswerName, Answers, ReadAnswer } from "./answers.ts";
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

export interface Upload extends Request {
  mediaType: string;
  bytes: Uint8Array;
}

/** A file's bytes as they come. */
export interface RawFile {
  /** Null where whoever stands between has left it out. */
  sizeBytes: number | null;
  /** Where there are streams: React Native's own `fetch` has none. */
  readonly body: ReadableStream<Uint8Array>;
  /** All of it, in place of the stream. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Methods throw ApiError when the coordinator refuses and UnreachableError when it does not answer. */
export interface Rest {
  read<N extends AnswerName>(name: N, read: Read): Promise<Answers[N]>;
  bytes(request: Request): Promise<RawFile>;
  /** Puts a file, once: what it is put under names it. */
  upload<N extends AnswerName>(name: N, upload: Upload): Promise<Answers[N]>;
  /** Asks again, under the same key, while nobody answers or the coordinator is not ready. */
  change<N extends AnswerName>(name: N, change: Change): Promise<Answers[N]>;
}

export interface RestOptions {
  baseUrl: string;
  token: TokenSource;
  newId: () => string;
  readAnswer: ReadAnswer;
  /** How often a change is asked for again. */
  retries: number;
  backoff: Backoff;
}

interface Init {
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
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
    return signal?.aborted ? abortReason(signal) : new UnreachableError(options.baseUrl, { cause });
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

  async function ask<N extends AnswerName>(name: N, request: Read, init: Init): Promise<Answers[N]> {
    const answer = await send(request, init);
    const body = await jsonOf(answer, request.signal);
    if (!answer.ok && !request.alsoAnswers?.includes(answer.status)) {
      throw refusal(answer, body, options);
    }
    const read = options.readAnswer(name, body);
    if (read.ok) return read.data;
    throw notUnderstood(
      `The answer to ${init.method} ${request.path}`,
      body === undefined ? "it is not JSON" : read.why,
    );
  }

  return {
    read: (name, request) => ask(name, request, { method: "GET", headers: { accept: JSON_TYPES } }),
    async bytes(request) {
      const answer = await send(request, { method: "GET", headers: { accept: "*/*" } });
      if (!answer.ok) {
        throw refusal(answer, await jsonOf(answer, request.signal), options);
      }
      // The length of what was compressed on its way says nothing about the file.
      const length = answer.headers.has("content-encoding") ? null : answer.headers.get("content-length");
      return {
        sizeBytes: length === null ? null : Number(length),
        get body() {
          return answer.body ?? new Blob([]).stream();
        },
        arrayBuffer: () => answer.arrayBuffer(),
      };
    },
    upload: (name, { mediaType, bytes, ...request }) =>
      ask(name, request, {
        method: "PUT",
        headers: { accept: JSON_TYPES, "content-type": mediaType },
        // Not of shared memory: it comes from a file or from the device's store.
        body: bytes as Uint8Array<ArrayBuffer>,
      }),
    async change(name, { method, body, idempotencyKey, ...request }) {
      const headers: Record<string, string> = {
        accept: JSON_TYPES,
        [IDEMPOTENCY_HEADER]: idempotencyKey ?? options.newId(),
      };
      if (body !== undefined) headers["content-type"] = "application/json";
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      for (let failures = 0; ; failures++) {
        try {
          return await ask(name, request, { method, headers, ...text });
        } catch (error) {
          if (failures >= options.retries || !isWorthRepeating(error)) throw error;
        }
        await pause(backoffMs(failures, options.backoff, Math.random()), request.signal);
        if (request.signal?.aborted) throw abortReason(request.signal);
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

function refusal(answer: Response, body: unknown, { baseUrl, readAnswer }: RestOptions): ApiError {
  const retryAfterMs = retryAfter(answer.headers.get("retry-after"));
  const read = readAnswer("Problem", body);
  if (read.ok) return new ApiError(read.data, { retryAfterMs });
  const unworded = problem(
    answer.status,
    "internal",
    `${baseUrl} answered with status ${answer.status} and no reason.`,
    "Check that this is the coordinator's address, and look into its log.",
  );
  return new ApiError(unworded, { retryAfterMs, isUnworded: true });
}

/** In milliseconds; null where the header is not there or is none. Seconds or a date: RFC 9110. */
function retryAfter(header: string | null): number | null {
  if (header === null || header.trim() === "") return null;
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

/** Why somebody gave up. React Native's signals do not know. */
function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new Error("the request was given up");
}
