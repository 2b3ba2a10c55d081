import { TaskId, TaskState } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { failure } from "../domain/failure.ts";
import { toTask } from "../domain/store.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { noSuchTask } from "./no-such-task.ts";
import { body, json, problems, schemas, TaskPath } from "./schemas.ts";

const DIFF_MAX_BYTES = 1024 * 1024;

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
    413: problems[413],
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

const cancelTask = createRoute({
  method: "post",
  tags: ["Tasks"],
  path: "/tasks/{id}/cancel",
  summary: "Cancel a task; it reaches `cancelled` within seconds",
  request: { params: TaskPath },
  responses: {
    202: json(schemas.Task, "The task as it is now."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
    409: problems[409],
  },
});

const sendMessage = createRoute({
  method: "post",
  tags: ["Tasks"],
  path: "/tasks/{id}/messages",
  summary: "Steer a running task: the agent reads the message before its next model call",
  request: { params: TaskPath, body: body(schemas.SendMessage) },
  responses: {
    202: json(schemas.QueuedMessage, "The message is queued."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
    409: problems[409],
    413: problems[413],
  },
});

const diffTask = createRoute({
  method: "get",
  tags: ["Tasks"],
  path: "/tasks/{id}/diff",
  summary: "What the task has changed, as a unified diff from its base (cut off after 1 MiB)",
  request: { params: TaskPath },
  responses: {
    200: json(schemas.TaskDiff, "The diff."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
    409: problems[409],
  },
});

export function mountTasks(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  api.openapi(createTask, async (c) =>
    c.json(toTask(await context.commands.create(c.get("userId"), c.req.valid("json"))), 201),
  );

  api.openapi(listTasks, async (c) => {
    const { state, cursor, limit } = c.req.valid("query");
    const query = { userId: c.get("userId"), state: state ?? null, cursor: cursor ?? null, limit };
    return c.json(await context.tasks.list(query), 200);
  });

  api.openapi(getTask, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    if (!task) throw noSuchTask();
    return c.json(toTask(task), 200);
  });

  api.openapi(cancelTask, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    if (!task) throw noSuchTask();
    return c.json(toTask(await context.commands.cancel(task)), 202);
  });

  api.openapi(sendMessage, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    if (!task) throw noSuchTask();
    return c.json(await context.commands.sendMessage(task, c.req.valid("json").text), 202);
  });

  api.openapi(diffTask, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    if (!task) throw noSuchTask();
    const { baseCommit: from } = task;
    const to = from && (task.commit ?? (await context.repositories.tip(task.id, task.branch)));
    if (!from || !to) throw noWorkYet();
    const stats = await context.repositories.stats(task.id, from, to);
    const diff = await context.repositories.diff(task.id, from, to, DIFF_MAX_BYTES);
    return c.json({ from, to, ...diff, ...stats }, 200);
  });
}

function noWorkYet() {
  return failure(
    "conflict",
    "The task has no work to compare yet.",
    "Ask again when the agent has pushed its branch.",
  );
}
