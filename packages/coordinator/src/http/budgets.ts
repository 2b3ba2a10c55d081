import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { toTask } from "../domain/store.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { body, json, problems, schemas, TaskPath } from "./schemas.ts";

const setBudget = createRoute({
  method: "post",
  tags: ["Budgets"],
  path: "/tasks/{id}/budget",
  summary: "Set what the task may spend in all; a task that waits for more goes on",
  request: { params: TaskPath, body: body(schemas.SetBudget) },
  responses: {
    200: json(schemas.Task, "The task as it is now. It waits on where another limit is used up."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

export function mountBudgets(
  api: OpenAPIHono<ApiEnvironment>,
  context: Pick<ApiContext, "tasks" | "budgets">,
): void {
  api.openapi(setBudget, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(toTask(await context.budgets.setBudget(task, c.req.valid("json"))), 200);
  });
}
