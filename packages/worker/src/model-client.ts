import Anthropic from "@anthropic-ai/sdk";
import { GATEWAY_ORIGIN, type GatewayClient } from "./gateway-client.ts";

/**
 * The longest that a timer can wait. The gateway holds a call while a budget is used up, and it is the gateway that
 * gives up on a model which does not begin to answer.
 */
const UNTIL_IT_ANSWERS_MS = 2 ** 31 - 1;

export interface ModelClientOptions {
  /** The attempt's token. */
  token: string;
  /** Longest time without a byte in the middle of an answer. */
  silenceMs: number;
}

/** The Messages API behind the gateway, which puts the user's key in place of the attempt's token. */
export function modelClient(gateway: Pick<GatewayClient, "fetch">, options: ModelClientOptions): Anthropic {
  return new Anthropic({
    apiKey: options.token,
    authToken: null,
    baseURL: GATEWAY_ORIGIN,
    // Repeats are decided, counted and told in one place, the agent loop.
    maxRetries: 0,
    timeout: UNTIL_IT_ANSWERS_MS,
    logLevel: "off",
    fetch: async (url, init) => {
      const { pathname, search } = new URL(url instanceof Request ? url.url : url);
      const response = await gateway.fetch(`${pathname}${search}`, init as RequestInit);
      return breakingAtSilence(response, options.silenceMs);
    },
  });
}

/**
 * The same answer, whose body breaks when nothing comes for too long. It is watched here and not by its events,
 * because the SDK keeps the API's signs of life to itself, and a model that thinks sends nothing else.
 */
function breakingAtSilence(response: Response, silenceMs: number): Response {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const silence = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        silence.reject(new Error(`nothing came for ${silenceMs / 1000} seconds`));
      }, silenceMs);
      try {
        const { done, value } = await Promise.race([reader.read(), silence.promise]);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        void reader.cancel(error).catch(() => undefined);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, { status: response.status, headers: response.headers });
}
