import { isIPv6 } from "node:net";
import { MODEL_BODY_MAX_BYTES } from "@farhand/protocol";
import { anthropicError } from "./anthropic-error.ts";
import { parseJson, readBytes } from "./body.ts";
import type { Passage } from "./fence.ts";
import { ModelCall } from "./model-call.ts";
import { ModelRequest, modelRefusal } from "./model-policy.ts";
import type { ModelTurnstile } from "./model-turnstile.ts";
import type { GatewayPorts, ModelUpstream } from "./ports.ts";
import { problem, refusedBy } from "./problem.ts";
import { Scrubber, scrubText } from "./scrub.ts";

/** All that goes on from a worker's headers; its token is not among them. */
const REQUEST_HEADERS = ["content-type", "anthropic-version", "anthropic-beta", "accept"];

/** All that comes back of the API's headers, beside its rate limits. */
const RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "content-type",
  "request-id",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
]);
const RATE_LIMIT_HEADER = /^anthropic-ratelimit-[a-z-]+$/;

/**
 * How long the model may take until it begins to answer. A stream begins at once, and the SDKs give up on anything else
 * after this time by themselves.
 */
const FIRST_BYTE_MS = 10 * 60_000;

interface Forwarding {
  ports: GatewayPorts;
  turnstile: ModelTurnstile;
  request: Request;
  passage: Passage;
  calls: ModelCalls;
}

/** The calls that the gateway has under way, also when nobody listens to them any more. */
export interface ModelCalls {
  /** Aborts when the gateway ends, which then waits until those under way are counted. */
  ending: AbortSignal;
  add(ended: Promise<void>): void;
  onError(error: unknown): void;
}

/**
 * Passes a model call on with the key, and its answer back without it, piece by piece as it comes. A call for which
 * there is no money is held before it is passed on. It has its place until it is counted, and not only until whoever
 * asked has gone.
 */
export async function forwardToModel(forwarding: Forwarding): Promise<Response> {
  const { turnstile, passage, calls } = forwarding;
  const place = await turnstile.enter(passage.signal);
  if (place === null)
    return problem("rate_limited", "This task has too many model calls under way and waiting at once.");
  let call: ModelCall | null = null;
  try {
    return await forward(forwarding, (made) => {
      call = made;
      calls.add(made.ended.then(place.leave));
    });
  } finally {
    if (call === null) place.leave();
  }
}

async function forward(
  { ports, request, passage, calls }: Forwarding,
  onCall: (call: ModelCall) => void,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (search !== "" && search !== "?beta=true") {
    return problem(
      "policy",
      `The query string ${JSON.stringify(search.slice(0, 100))} may not go to the model API.`,
    );
  }
  let body: string | null = null;
  let asked: ModelRequest = {};
  if (request.method === "POST") {
    const bytes = await readBytes(request, MODEL_BODY_MAX_BYTES);
    if (!bytes.ok) return bytes.response;
    const parsed = parseJson(bytes.value, ModelRequest);
    if (!parsed.ok) return parsed.response;
    const refusal = modelRefusal(parsed.value);
    if (refusal !== null) {
      return problem("policy", `This sandbox has no network, so a model request may not use ${refusal}.`);
    }
    // Written anew: with a key given twice, the API might have read another request than the one judged here.
    body = JSON.stringify(parsed.value);
    asked = parsed.value;
  }
  const isPaid = pathname === "/v1/messages";
  if (isPaid) {
    const model = typeof asked.model === "string" ? asked.model : "";
    const may = await ports.mayAsk(passage.claim, model, passage.signal);
    if (!may.ok) return refusedBy(may);
  }
  // After the wait: the key may have been changed meanwhile.
  const upstream = await ports.upstream(passage.claim);
  if (upstream === null) return problem("model_key_missing", "There is no model key for this user.");
  const key = upstream.apiKey;

  passage.signal.throwIfAborted();
  const { url, tls, host } = targetOf(upstream, pathname + search);
  const { ending, onError } = calls;
  const call = new ModelCall({ ports, claim: passage.claim, paid: isPaid ? asked : null, ending, onError });
  onCall(call);
  const send = (signal: AbortSignal) =>
    fetch(url, {
      method: request.method,
      headers: requestHeaders(request.headers, upstream, host),
      body,
      redirect: "manual",
      signal,
      // Once it has begun, it may think for many minutes without a byte; whoever asked decides how long to wait.
      timeout: false,
      ...(tls === null ? {} : { tls }),
    });
  let answer: Response;
  try {
    answer = await call.ask(send, { listener: passage.signal, silenceMs: FIRST_BYTE_MS });
  } catch (error) {
    if (passage.signal.aborted) throw error;
    return anthropicError(
      502,
      "api_error",
      `The model API cannot be reached: ${scrubText(reason(error), key)}`,
    );
  }
  if (answer.status >= 300 && answer.status < 400) {
    await call.end();
    return anthropicError(502, "api_error", "The model API answered with a redirect, which is not followed.");
  }
  return new Response(answer.body === null ? null : passOn(call, key), {
    status: answer.status,
    headers: responseHeaders(answer.headers, key),
  });
}

/** Where to connect to. At an address that was looked up before, the host's name goes into the request and into TLS. */
function targetOf(
  { baseUrl, address }: ModelUpstream,
  path: string,
): { url: string; host: string | null; tls: { serverName: string } | null } {
  const url = new URL(baseUrl.replace(/\/+$/, "") + path);
  if (address === null) return { url: url.href, host: null, tls: null };
  const { host, hostname, protocol } = url;
  url.hostname = isIPv6(address) ? `[${address}]` : address;
  return { url: url.href, host, tls: protocol === "https:" ? { serverName: hostname } : null };
}

function requestHeaders(from: Headers, { apiKey, isBearer }: ModelUpstream, host: string | null): Headers {
  const headers = new Headers({
    ...(host === null ? {} : { host }),
    ...(isBearer ? { authorization: `Bearer ${apiKey}` } : { "x-api-key": apiKey }),
    "user-agent": "farhand-gateway",
    // Compressed streams come in lumps.
    "accept-encoding": "identity",
  });
  for (const name of REQUEST_HEADERS) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function responseHeaders(from: Headers, key: string): Headers {
  const headers = new Headers();
  from.forEach((value, name) => {
    if (RESPONSE_HEADERS.has(name) || RATE_LIMIT_HEADER.test(name)) headers.set(name, scrubText(value, key));
  });
  return headers;
}

/** The answer's body with the key scrubbed from it. */
function passOn(call: ModelCall, key: string): ReadableStream<Uint8Array> {
  const scrubber = new Scrubber(key);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        // At the end it is counted before the caller sees that: what it does next comes after this in the log.
        const piece = await call.read();
        const clean = piece === null ? scrubber.end() : scrubber.push(piece);
        if (clean.byteLength > 0) controller.enqueue(clean);
        if (piece === null) controller.close();
        if (piece === null || clean.byteLength > 0) return;
      }
    },
    cancel: () => call.leave(),
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : "unknown reason";
}
