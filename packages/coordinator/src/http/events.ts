import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { json, problems, schemas, TaskPath } from "./schemas.ts";

const EventsQuery = z
  .strictObject({
    after: z.coerce.number().int().min(0).optional(),
    before: z.coerce.number().int().min(1).optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ["before"],
    message: "give either after or before",
  });

const listEvents = createRoute({
  method: "get",
  tags: ["Tasks"],
  path: "/tasks/{id}/events",
  summary: "The task's events after a seq, or the last ones before a seq; in the order of the log",
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
    const { after, before, limit } = c.req.valid("query");
    const page =
      before === undefined
        ? await context.log.read(task.id, after ?? 0, limit)
        : await context.log.readBefore(task.id, before, limit);
    return c.json(page, 200);
  });
}
