import { type Hook, OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { ATTACHMENTS_PATH, attachmentLimit, mountAttachments } from "./attachments.ts";
import { auditChanges, mountAudit } from "./audit.ts";
import { mountBudgets } from "./budgets.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { mountCosts } from "./costs.ts";
import { mountDevices } from "./devices.ts";
import { mountDiff } from "./diff.ts";
import { mountDocs } from "./docs.ts";
import { mountEgress } from "./egress.ts";
import { mountEvents } from "./events.ts";
import { mountFiles } from "./files.ts";
import { mountHealth } from "./health.ts";
import { securityHeaders } from "./hygiene.ts";
import { mountInvites } from "./invites.ts";
import { mountKeys } from "./keys.ts";
import { mountMemberCaps } from "./member-caps.ts";
import { mountMessages } from "./messages.ts";
import { checkOrigin, createOriginPolicy, type OriginPolicy } from "./origin.ts";
import { mountOutputs } from "./outputs.ts";
import type { Caller } from "./peer.ts";
import { handleError, sendProblem, validationProblem } from "./problem.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limit.ts";
import { mountRepositories } from "./repositories.ts";
import { repeatable } from "./request-key.ts";
import { mountSecrets } from "./secrets.ts";
import { mountSessions, mountSignInMethods } from "./sessions.ts";
import { mountSettings } from "./settings.ts";
import { mountSignIn } from "./sign-in-pages.ts";
import { isSignIn } from "./sign-in-paths.ts";
import { mountTasks } from "./tasks.ts";
import { requireToken } from "./token.ts";
import { mountTurns } from "./turns.ts";
import { mountWebApp, sendNotFoundPage, type WebApp } from "./web-app.ts";
import { mountWebhooks, type Webhooks } from "./webhooks.ts";

const BODY_MAX_BYTES = 1024 * 1024;

/** What stands between the API and the open network. */
export interface Front {
  /** Which web pages may talk to this server; none but its own where it is left out. */
  origins?: OriginPolicy;
  /** The usual rates where it is left out. */
  rateLimiter?: RateLimiter;
  /** None are taken where it is left out. */
  webhooks?: Webhooks;
  /** The app for browsers, at `/`; where it is left out, `/` says how to get it. */
  webApp?: WebApp | null;
}

/** The whole REST API under `/api`. */
export function createApp(context: ApiContext, front: Front = {}): OpenAPIHono<ApiEnvironment> {
  const defaultHook: Hook<unknown, ApiEnvironment, string, unknown> = (result, c) =>
    result.success ? undefined : sendProblem(c, validationProblem(result.error));
  const app = new OpenAPIHono<ApiEnvironment>({ defaultHook });
  app.use(async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    c.header("x-request-id", c.get("requestId"));
    // Hono gives a test's request no bindings at all.
    const caller: Partial<Caller> = c.env ?? {};
    c.set("peer", caller.peer ?? { address: null, isLoopback: false });
    c.set("isTls", caller.isTls ?? false);
    await next();
  });
  const limiter = front.rateLimiter ?? createRateLimiter({ isSignIn });
  app.use(securityHeaders());
  app.use(checkOrigin(front.origins ?? createOriginPolicy({ listed: [], publicUrl: null })));
  app.use(limiter.byAddress);
  const usualLimit = bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => sendProblem(c, tooLarge) });
  app.use((c, next) =>
    c.req.path.startsWith(ATTACHMENTS_PATH) ? attachmentLimit(c, next) : usualLimit(c, next),
  );
  app.onError(handleError(context));
  const webApp = front.webApp ?? null;
  app.notFound((c) => sendNotFoundPage(c, webApp) ?? sendProblem(c, notFound));

  mountWebApp(app, webApp);
  mountSignIn(app, context);
  const api = new OpenAPIHono<ApiEnvironment>({ defaultHook });
  mountHealth(api, context);
  mountDocs(api);
  mountSignInMethods(api, context);
  api.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Farhand", version: context.version, license: { name: "MIT" } },
    servers: [{ url: "/api" }],
    security: [{ token: [] }],
  });
  if (front.webhooks) mountWebhooks(api, front.webhooks);
  // Everything that is mounted from here on needs a token.
  api.use(requireToken(context));
  api.use(limiter.byUser);
  api.use(auditChanges(context));
  mountSessions(api, context);
  mountInvites(api, context);
  mountKeys(api, context);
  mountSecrets(api, context);
  // Repeatable by itself, and too large to be kept for it.
  mountAttachments(api, context);
  api.use(repeatable(context));
  mountRepositories(api, context);
  mountTasks(api, context);
  mountTurns(api, context);
  mountMessages(api, context);
  mountEvents(api, context);
  mountFiles(api, context);
  mountDiff(api, context);
  mountOutputs(api, context);
  mountSettings(api, context);
  mountMemberCaps(api, context);
  mountBudgets(api, context);
  mountCosts(api, context);
  mountEgress(api, context);
  mountDevices(api, context);
  mountAudit(api, context);
  api.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.route("/api", api);
  return app;
}

const tooLarge = {
  code: "payload_too_large",
  detail: "The body is larger than 1 MiB.",
  action: "Send less. Put long material into a file of the repository and name it in the prompt.",
} as const;

const notFound = {
  code: "not_found",
  detail: "There is no such address.",
  action: "See /api/docs for what exists.",
} as const;
