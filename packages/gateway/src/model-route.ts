import { isIPv6 } from "node:net";
import { MODEL_BODY_MAX_BYTES } from "@farhand/protocol";
import { anthropicError } from "./anthropic-error.ts";
import { parseJson, readBytes } from "./body.ts";
import type { Passage } from "./fence.ts";
import { ModelRequest, modelRefusal } from "./model-policy.ts";
import type { ModelTurnstile } from "./model-turnstile.ts";
import type { GatewayPorts, ModelUpstream } from "./ports.ts";
import { problem, refusedBy } from "./problem.ts";
import { Scrubber, scrubText } from "./scrub.ts";
import { meterFor } from "./usage-meter.ts";

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

interface ModelCall {
  ports: GatewayPorts;
  turnstile: ModelTurnstile;
  request: Request;
  passage: Passage;
}

/**
 * Passes a model call on with the key, and its answer back without it, piece by piece as it comes. A call for which
 * there is no money is held before it is passed on.
 */
export async function forwardToModel(call: ModelCall): Promise<Response> {
  const place = await call.turnstile.enter(call.passage.signal);
  if (place === null)
    return problem("rate_limited", "This task has too many model calls under way and waiting at once.");
  try {
    const response = await forward(call);
    if (response.body === null) place.leave();
    else return new Response(endingWith(response.body, place.leave), response);
    return response;
  } catch (error) {
    place.leave();
    throw error;
  }
}

async function forward({ ports, request, passage }: ModelCall): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (search !== "" && search !== "?beta=true") {
    return problem(
      "policy",
      `The query string ${JSON.stringify(search.slice(0, 100))} may not go to the model API.`,
    );
  }
  let body: string | null = null;
  let model = "";
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
    model = typeof parsed.value.model === "string" ? parsed.value.model : "";
  }
  if (pathname === "/v1/messages") {
    const may = await ports.mayAsk(passage.claim, model, passage.signal);
    if (!may.ok) return refusedBy(may);
  }
  // After the wait: the key may have been changed meanwhile.
  const upstream = await ports.upstream(passage.claim);
  if (upstream === null) return problem("model_key_missing", "There is no model key for this user.");
  const key = upstream.apiKey;

  const abort = new AbortController();
  const signal = AbortSignal.any([passage.signal, abort.signal]);
  const silence = setTimeout(() => abort.abort(new Error("it did not begin to answer")), FIRST_BYTE_MS);
  const { url, tls, host } = targetOf(upstream, pathname + search);
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: request.method,
      headers: requestHeaders(request.headers, upstream, host),
      body,
      redirect: "manual",
      signal,
      // Once it has begun, it may think for many minutes without a byte; whoever asked decides how long to wait.
      timeout: false,
      ...(tls === null ? {} : { tls }),
    });
  } catch (error) {
    if (passage.signal.aborted) throw error;
    return anthropicError(
      502,
      "api_error",
      `The model API cannot be reached: ${scrubText(reason(error), key)}`,
    );
  } finally {
    clearTimeout(silence);
  }
  if (answer.status >= 300 && answer.status < 400) {
    abort.abort();
    return anthropicError(502, "api_error", "The model API answered with a redirect, which is not followed.");
  }
  return new Response(passOn(answer, key, { ports, passage, abort }), {
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

/** The same body; `end` is called once, when it has ended, failed or been left. */
function endingWith(body: ReadableStream<Uint8Array>, end: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        throw error;
      }
      return undefined;
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  });
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

/** The answer's body, metered and with the key scrubbed from it. The call is counted once, however it ends. */
function passOn(
  answer: Response,
  key: string,
  { ports, passage, abort }: { ports: GatewayPorts; passage: Passage; abort: AbortController },
): ReadableStream<Uint8Array> | null {
  if (answer.body === null) return null;
  const reader = answer.body.getReader();
  const meter = meterFor(answer.headers.get("content-type") ?? "");
  const scrubber = new Scrubber(key);
  let isCounted = false;
  const countOnce = async () => {
    if (isCounted) return;
    isCounted = true;
    const metered = answer.ok ? meter.read() : null;
    if (metered !== null) await ports.used(passage.claim, metered.model, metered.usage);
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) {
            // Counted before the caller sees the end: what it does next comes after this in the log.
            await countOnce();
            const rest = scrubber.end();
            if (rest.byteLength > 0) controller.enqueue(rest);
            controller.close();
            return;
          }
          meter.push(value);
          const clean = scrubber.push(value);
          if (clean.byteLength > 0) {
            controller.enqueue(clean);
            return;
          }
        }
      } catch (error) {
        await countOnce();
        throw error;
      }
    },
    async cancel() {
      abort.abort();
      await countOnce();
    },
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : "unknown reason";
}
