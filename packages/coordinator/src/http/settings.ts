import type { Settings } from "@farhand/protocol";
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
  /** With the owner's cap, which the user can only look at. */
  const shown = async (userId: string, settings: Settings): Promise<Settings> => {
    const cap = await context.memberCaps.get(userId);
    return { ...settings, ...(cap === null ? {} : { cap }) };
  };
  api.openapi(getSettings, async (c) => {
    const userId = c.get("userId");
    return c.json(await shown(userId, await context.settings.get(userId)), 200);
  });
  api.openapi(updateSettings, async (c) => {
    const userId = c.get("userId");
    const { defaultModel, budgets } = c.req.valid("json");
    const before = await context.settings.get(userId);
    const change = {
      ...(defaultModel === undefined ? {} : { defaultModel }),
      ...(budgets === undefined
        ? {}
        : {
            budgets: {
              task: budgets.task ?? before.budgets.task,
              day: budgets.day ?? before.budgets.day,
              user: budgets.user ?? before.budgets.user,
            },
          }),
    };
    const now = await context.settings.update(userId, change);
    // What waits for more money may go on.
    if (budgets !== undefined) context.budgets.lookAgain(userId);
    return c.json(await shown(userId, now), 200);
  });
}
