import { CostGrouping } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { requireOwner } from "./invites.ts";
import { json, problems, schemas } from "./schemas.ts";

const CostQuery = z.strictObject({
  by: CostGrouping.default("day"),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
});

const getCosts = createRoute({
  method: "get",
  tags: ["Budgets"],
  path: "/costs",
  summary:
    "What your tasks have spent, by day, model or task, or everybody's by member (owner only); days in UTC, both ends included",
  request: { query: CostQuery },
  responses: {
    200: json(schemas.CostReport, "The costs."),
    400: problems[400],
    401: problems[401],
    403: problems[403],
  },
});

export function mountCosts(api: OpenAPIHono<ApiEnvironment>, { costs }: Pick<ApiContext, "costs">): void {
  api.openapi(getCosts, async (c) => {
    const { by, from, to } = c.req.valid("query");
    if (by === "member") requireOwner(c.get("identity"));
    const userId = by === "member" ? null : c.get("userId");
    return c.json(await costs.report({ userId, by, from: from ?? null, to: to ?? null }), 200);
  });
}
