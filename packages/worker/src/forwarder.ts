import { PROBLEM_CONTENT_TYPE, type Problem, problemType, WorkerRoutes } from "@farhand/protocol";
import type { GatewayClient } from "./gateway-client.ts";

/** Headers that git needs on the way in; everything else stays outside. */
const REQUEST_HEADERS = [
  "accept",
  "accept-encoding",
  "content-encoding",
  "content-type",
  "git-protocol",
  "user-agent",
];
const RESPONSE_HEADERS = ["cache-control", "content-encoding", "content-type", "expires", "pragma"];

/**
 * The loopback address in the sandbox through which git reaches the gateway's socket. It adds the attempt's
 * token, so that no git configuration holds it. Bodies are streamed both ways.
 */
export class Forwarder implements AsyncDisposable {
  readonly #server: Bun.Server<undefined>;

  constructor(gateway: Pick<GatewayClient, "fetch">) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      // Packing a large repository is silent for long, and a push may be of any size.
      idleTimeout: 0,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: (request) => forward(gateway, request),
    });
  }

  /** URL of the task's repository, as the clone's `origin` has it. */
  get repositoryUrl(): string {
    return `http://127.0.0.1:${this.#server.port}${WorkerRoutes.git}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

async function forward(gateway: Pick<GatewayClient, "fetch">, request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (!url.pathname.startsWith(`${WorkerRoutes.git}/`)) {
    return problem({
      type: problemType("policy"),
      title: "Not allowed here",
      status: 403,
      code: "policy",
      detail: `This address serves the task's git repository alone; ${url.pathname} is outside of it.`,
      action: "This is a rule of the sandbox, not a fault: work with the repository that is there.",
    });
  }
  try {
    const response = await gateway.fetch(`${url.pathname}${url.search}`, {
      method: request.method,
      headers: pick(request.headers, REQUEST_HEADERS),
      body: request.body,
      signal: request.signal,
      decompress: false,
      redirect: "manual",
    });
    return new Response(response.body, {
      status: response.status,
      headers: pick(response.headers, RESPONSE_HEADERS),
    });
  } catch {
    return problem({
      type: problemType("not_ready"),
      title: "The gateway does not answer",
      status: 502,
      code: "not_ready",
      detail: "The gateway does not answer at the moment.",
      action: "Try again in a few seconds.",
    });
  }
}

function pick(headers: Headers, names: string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}

function problem(body: Problem): Response {
  return Response.json(body, { status: body.status, headers: { "content-type": PROBLEM_CONTENT_TYPE } });
}
