import { PROTOCOL_VERSION } from "@farhand/protocol";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { json, schemas } from "./schemas.ts";

const liveness = createRoute({
  method: "get",
  tags: ["Health"],
  path: "/health/live",
  summary: "Whether the process answers; for restarts",
  security: [],
  responses: { 200: json(schemas.Liveness, "It does.") },
});

const readiness = (path: "/health" | "/health/ready") =>
  createRoute({
    method: "get",
    tags: ["Health"],
    path,
    summary: "Whether tasks can run, and what stands in the way",
    security: [],
    responses: {
      200: json(schemas.Readiness, "Everything works."),
      503: json(schemas.Readiness, "Something does not; `checks` says what to do."),
    },
  });

/** Open to anyone who can reach the server: it tells nothing of tasks, paths or keys. */
export function mountHealth(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  api.openapi(liveness, (c) =>
    c.json({ status: "live" as const, version: context.version, protocol: PROTOCOL_VERSION }, 200),
  );
  for (const path of ["/health", "/health/ready"] as const)
    api.openapi(readiness(path), async (c) => {
      const state = await context.readiness();
      return c.json(state, state.status === "ready" ? 200 : 503);
    });
}
