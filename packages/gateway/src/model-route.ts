import { MODEL_BODY_MAX_BYTES } from "@farhand/protocol";
import { anthropicError } from "./anthropic-error.ts";
import { parseJson, readBytes } from "./body.ts";
import type { Passage } from "./fence.ts";
import { ModelRequest, modelRefusal } from "./model-policy.ts";
import type { GatewayPorts, ModelUpstream } from "./ports.ts";
import { problem } from "./problem.ts";
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

interface ModelCall {
  ports: GatewayPorts;
  upstream: ModelUpstream;
  request: Request;
  passage: Passage;
}

/** Passes a model call on with the key, and its answer back without it, piece by piece as it comes. */
export async function forwardToModel({ ports, upstream, request, passage }: ModelCall): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (search !== "" && search !== "?beta=true") {
    return problem(
      "policy",
      `The query string ${JSON.stringify(search.slice(0, 100))} may not go to the model API.`,
    );
  }
  let body: string | null = null;
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
  }
  const key = upstream.apiKey;
  if (key === null) {
    return anthropicError(
      401,
      "authentication_error",
      "No model key is set on the server: set ANTHROPIC_API_KEY for the coordinator and restart it.",
    );
  }

  const abort = new AbortController();
  const signal = AbortSignal.any([passage.signal, abort.signal]);
  let answer: Response;
  try {
    answer = await fetch(upstream.baseUrl.replace(/\/+$/, "") + pathname + search, {
      method: request.method,
      headers: requestHeaders(request.headers, key),
      body,
      redirect: "manual",
      signal,
      // A model may think for many minutes without a byte; whoever asked decides how long to wait.
      timeout: false,
    });
  } catch (error) {
    if (passage.signal.aborted) throw error;
    return anthropicError(
      502,
      "api_error",
      `The model API cannot be reached: ${scrubText(reason(error), key)}`,
    );
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

function requestHeaders(from: Headers, key: string): Headers {
  const headers = new Headers({
    "x-api-key": key,
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
