import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { noSuchTask } from "./no-such-task.ts";
import { json, problems, schemas, TaskPath } from "./schemas.ts";

const EventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

const listEvents = createRoute({
  method: "get",
  tags: ["Tasks"],
  path: "/tasks/{id}/events",
  summary: "The task's events after a seq, in order",
  request: { params: TaskPath, query: EventsQuery },
  responses: {
    200: json(schemas.EventPage, "One page of events."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

export function mountEvents(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  api.openapi(listEvents, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    if (!task) throw noSuchTask();
    const { after, limit } = c.req.valid("query");
    return c.json(await context.log.read(task.id, after, limit), 200);
  });
}
