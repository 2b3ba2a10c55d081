import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const getSettings = createRoute({
  method: "get",
  tags: ["Settings"],
  path: "/settings",
  summary: "Your settings",
  responses: { 200: json(schemas.Settings, "The settings."), 401: problems[401] },
});

const updateSettings = createRoute({
  method: "patch",
  tags: ["Settings"],
  path: "/settings",
  summary: "Change some of your settings",
  request: { body: body(schemas.UpdateSettings) },
  responses: {
    200: json(schemas.Settings, "The settings as they are now."),
    400: problems[400],
    401: problems[401],
  },
});

export function mountSettings(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  api.openapi(getSettings, async (c) => c.json(await context.settings.get(c.get("userId")), 200));
  api.openapi(updateSettings, async (c) => {
    const { defaultModel } = c.req.valid("json");
    const change = defaultModel === undefined ? {} : { defaultModel };
    return c.json(await context.settings.update(c.get("userId"), change), 200);
  });
}
