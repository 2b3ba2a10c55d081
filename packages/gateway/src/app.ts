import { PROTOCOL_HEADER, PROTOCOL_VERSION, WorkerRoutes } from "@farhand/protocol";
import { type Context, Hono } from "hono";
import type { DoorCaps } from "./door-caps.ts";
import type { EventAllowance } from "./event-allowance.ts";
import type { AtRest, Fence, Passage } from "./fence.ts";
import { serveTaskGit } from "./git-route.ts";
import { forwardToModel, type ModelCalls } from "./model-route.ts";
import type { ModelTurnstile } from "./model-turnstile.ts";
import type { GatewayPorts } from "./ports.ts";
import { busy, problem, problemOf, resting, staleAttempt } from "./problem.ts";
import { type TokenPlace, tokenOf } from "./token.ts";
import type { Turnstile } from "./turnstile.ts";
import {
  answerAssignment,
  answerAttachment,
  answerInbox,
  answerOutcome,
  takeDeltas,
  takeEvents,
  takeMessages,
  takeOutput,
} from "./worker-routes.ts";

/** The socket that a request came through: it alone says which task it belongs to. */
export interface Connection {
  taskId: string;
  fence: Fence;
  turnstile: ModelTurnstile;
  gitTurnstile: Turnstile;
  /** For the worker's own calls, whose bodies are held whole. */
  bodyTurnstile: Turnstile;
  eventAllowance: EventAllowance;
}

interface AppOptions {
  ports: GatewayPorts;
  hooksDirectory: string;
  calls: ModelCalls;
  caps: DoorCaps;
}

type Env = { Bindings: Connection };

type Handler = (request: Request, passage: Passage, connection: Connection) => Promise<Response>;

/** Who may come through a route. */
interface Rule {
  /** Where a request may carry its token. */
  token: TokenPlace[];
  atRest: AtRest;
}

export function createApp({ ports, hooksDirectory, calls, caps }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.onError(problemOf);

  const worker = (atRest: AtRest, handle: Handler) => (context: Context<Env>) =>
    unsupported(context.req.raw) ?? guarded(context, { token: ["bearer"], atRest }, handle);
  app.get(
    WorkerRoutes.assignment,
    worker("open", (request, passage) => answerAssignment(ports, request, passage)),
  );
  app.post(
    WorkerRoutes.events,
    worker(
      "open",
      inTurn((request, passage, { eventAllowance }) =>
        takeEvents({ ports, eventAllowance, request, passage }),
      ),
    ),
  );
  app.post(
    WorkerRoutes.deltas,
    worker(
      "closed",
      inTurn((request, passage) => takeDeltas(ports, request, passage)),
    ),
  );
  app.get(
    WorkerRoutes.inbox,
    worker("closed", (request, passage) => answerInbox(ports, request, passage)),
  );
  app.post(
    WorkerRoutes.messages,
    worker(
      "closed",
      inTurn((request, passage) => takeMessages(ports, request, passage)),
    ),
  );

  app.get(
    WorkerRoutes.answer,
    worker("closed", (request, passage) => answerOutcome(ports, request, passage)),
  );

  app.get(
    WorkerRoutes.attachment,
    worker("closed", (request, passage) => answerAttachment(ports, request, passage)),
  );

  app.put(
    WorkerRoutes.output,
    worker(
      "closed",
      inTurn((request, passage) => takeOutput(ports, request, passage)),
    ),
  );

  const model = (context: Context<Env>) =>
    guarded(context, { token: ["bearer", "api-key"], atRest: "cut" }, (request, passage) =>
      forwardToModel({ ports, turnstile: context.env.turnstile, request, passage, calls }),
    );
  app.post("/v1/messages", model);
  app.post("/v1/messages/count_tokens", model);
  app.get("/v1/models", model);

  app.all(`${WorkerRoutes.git}/*`, (context) =>
    guarded(context, { token: ["bearer", "basic"], atRest: "cut" }, (request, passage, { gitTurnstile }) =>
      serveTaskGit({ ports, turnstile: gitTurnstile, request, passage, hooksDirectory, caps }),
    ),
  );
  return app;
}

/** A handler that holds a body whole: few of them at once, so that half-sent ones do not fill the memory. */
function inTurn(handle: Handler): Handler {
  return async (request, passage, connection) => {
    const place = await connection.bodyTurnstile.enter(passage.signal);
    if (place === null) return busy("Too many of this task's calls are under way and waiting at once.");
    try {
      return await handle(request, passage, connection);
    } finally {
      place.leave();
    }
  };
}

/** Passes the fence, runs the handler, and keeps the passage until the answer's last byte is out. */
async function guarded(context: Context<Env>, rule: Rule, handle: Handler): Promise<Response> {
  const request = context.req.raw;
  const token = tokenOf(request.headers, rule.token);
  if (token === null) return unauthorized(rule.token);
  const result = await context.env.fence.pass(token, rule.atRest, request.signal);
  if (result.status === "stale") return staleAttempt();
  if (result.status === "resting") return resting();
  if (result.status === "unknown") return unauthorized(rule.token);
  const { passage } = result;
  try {
    const response = await handle(request, passage, context.env);
    if (passage.cutFor() !== null) {
      // Nobody reads it, and what it is made from has to hear of that.
      await response.body?.cancel();
      throw new Error("cut off");
    }
    return endWith(response, passage);
  } catch (error) {
    passage.end();
    switch (passage.cutFor()) {
      case "stale":
        return staleAttempt();
      case "rest":
        return resting();
      case null:
        throw error;
    }
  }
}

/** Ends the passage when the body has ended, failed or been left; cuts the body when the passage is cut. */
function endWith(response: Response, passage: Passage): Response {
  if (response.body === null) {
    passage.end();
    return response;
  }
  const reader = response.body.getReader();
  const { signal } = passage;
  let isOver = false;
  const over = () => {
    isOver = true;
    signal.removeEventListener("abort", cut);
    passage.end();
  };
  let fail: (reason: unknown) => void = () => undefined;
  const cut = () => {
    if (isOver) return;
    over();
    fail(signal.reason);
    void reader.cancel(signal.reason).catch(() => undefined);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      fail = (reason) => controller.error(reason);
      signal.addEventListener("abort", cut, { once: true });
      if (signal.aborted) cut();
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (isOver) return;
        if (done) {
          over();
          controller.close();
        } else controller.enqueue(value);
      } catch (error) {
        if (isOver) return;
        over();
        controller.error(error);
      }
    },
    async cancel(reason) {
      over();
      await reader.cancel(reason);
    },
  });
  return new Response(body, response);
}

function unsupported(request: Request): Response | null {
  const spoken = request.headers.get(PROTOCOL_HEADER);
  if (spoken === String(PROTOCOL_VERSION)) return null;
  return problem(
    "unsupported_protocol",
    `The worker speaks ${spoken === null ? "no protocol version" : `protocol version ${JSON.stringify(spoken)}`}, ` +
      `the gateway speaks ${PROTOCOL_VERSION}.`,
    { headers: { [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) } },
  );
}

function unauthorized(places: TokenPlace[]): Response {
  // git sends the password of its URL only after it has been asked for one.
  const headers = places.includes("basic") ? { "www-authenticate": 'Basic realm="farhand"' } : undefined;
  return problem(
    "unauthorized",
    "The request carries no token, or one that is not this task's.",
    headers === undefined ? {} : { headers },
  );
}
