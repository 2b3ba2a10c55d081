import { type Hook, OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { mountDiff } from "./diff.ts";
import { mountDocs } from "./docs.ts";
import { mountEvents } from "./events.ts";
import { mountFiles } from "./files.ts";
import { mountHealth } from "./health.ts";
import { mountMessages } from "./messages.ts";
import { handleError, sendProblem, validationProblem } from "./problem.ts";
import { repeatable } from "./request-key.ts";
import { mountSettings } from "./settings.ts";
import { mountTasks } from "./tasks.ts";
import { requireToken } from "./token.ts";
import { mountTurns } from "./turns.ts";

const BODY_MAX_BYTES = 1024 * 1024;

/** The whole REST API under `/api`. */
export function createApp(context: ApiContext): OpenAPIHono<ApiEnvironment> {
  const defaultHook: Hook<unknown, ApiEnvironment, string, unknown> = (result, c) =>
    result.success ? undefined : sendProblem(c, validationProblem(result.error));
  const app = new OpenAPIHono<ApiEnvironment>({ defaultHook });
  app.use(async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    c.header("x-request-id", c.get("requestId"));
    await next();
  });
  app.use(secureHeaders());
  app.use(bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => sendProblem(c, tooLarge) }));
  app.onError(handleError(context));
  app.notFound((c) => sendProblem(c, notFound));

  const api = new OpenAPIHono<ApiEnvironment>({ defaultHook });
  mountHealth(api, context);
  mountDocs(api);
  api.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Farhand", version: context.version, license: { name: "MIT" } },
    servers: [{ url: "/api" }],
    security: [{ token: [] }],
  });
  // Everything that is mounted from here on needs a token.
  api.use(requireToken(context));
  api.use(repeatable(context));
  mountTasks(api, context);
  mountTurns(api, context);
  mountMessages(api, context);
  mountEvents(api, context);
  mountFiles(api, context);
  mountDiff(api, context);
  mountSettings(api, context);
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
