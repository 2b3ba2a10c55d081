import { TaskId, TaskState } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { toTask } from "../domain/store.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { body, json, problems, schemas, TaskPath } from "./schemas.ts";

const ListQuery = z.strictObject({
  state: TaskState.optional(),
  cursor: TaskId.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const createTask = createRoute({
  method: "post",
  tags: ["Tasks"],
  path: "/tasks",
  summary: "Create a task: the agent starts as soon as a worker is free",
  request: { body: body(schemas.CreateTask) },
  responses: {
    201: json(schemas.Task, "The task, queued."),
    400: problems[400],
    401: problems[401],
    409: problems[409],
    413: problems[413],
    422: problems[422],
  },
});

const listTasks = createRoute({
  method: "get",
  tags: ["Tasks"],
  path: "/tasks",
  summary: "List tasks, newest first",
  request: { query: ListQuery },
  responses: { 200: json(schemas.TaskPage, "One page of tasks."), 400: problems[400], 401: problems[401] },
});

const getTask = createRoute({
  method: "get",
  tags: ["Tasks"],
  path: "/tasks/{id}",
  summary: "One task",
  request: { params: TaskPath },
  responses: {
    200: json(schemas.Task, "The task."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

export function mountTasks(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  api.openapi(createTask, async (c) =>
    c.json(
      toTask(await context.commands.create(c.get("userId"), c.req.valid("json"), c.get("requestKey"))),
      201,
    ),
  );

  api.openapi(listTasks, async (c) => {
    const { state, cursor, limit } = c.req.valid("query");
    const query = { userId: c.get("userId"), state: state ?? null, cursor: cursor ?? null, limit };
    return c.json(await context.tasks.list(query), 200);
  });

  api.openapi(getTask, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(toTask(task), 200);
  });
}
