import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { type TaskRecord, toTask } from "../domain/store.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { body, json, problems, schemas, TaskPath } from "./schemas.ts";

const refusals = { 400: problems[400], 401: problems[401], 404: problems[404], 409: problems[409] };

/** A command without a body: the task as it is now, and what follows from it comes as events. */
const command = (path: string, summary: string) =>
  createRoute({
    method: "post",
    tags: ["Turns"],
    path: `/tasks/{id}/${path}`,
    summary,
    request: { params: TaskPath },
    responses: { 202: json(schemas.Task, "The task as it is now."), ...refusals, 410: problems[410] },
  });

const routes = {
  stop: command("stop", "End the turn within 5 seconds and keep its work; the task goes on with a message"),
  cancel: command("cancel", "Cancel the task; it reaches `cancelled` within seconds, and its work is kept"),
  retry: command("retry", "Run a failed turn again from its start, or publish again where only that failed"),
  archive: command("archive", "Put the task away: it is out of sight, and its files go after a while"),
};

const rollBack = createRoute({
  method: "post",
  tags: ["Turns"],
  path: "/tasks/{id}/rollback",
  summary: "Take code and conversation back to the end of a turn",
  request: { params: TaskPath, body: body(schemas.RollBack) },
  responses: { 200: json(schemas.Task, "The task as it is now."), ...refusals, 410: problems[410] },
});

const approve = createRoute({
  method: "post",
  tags: ["Turns"],
  path: "/tasks/{id}/approve",
  summary: "Publish what was held back with `approval_needed`, such as changes of the forge's workflows",
  request: { params: TaskPath, body: body(schemas.Approve) },
  responses: { 202: json(schemas.Task, "The task as it is now."), ...refusals, 410: problems[410] },
});

const answer = createRoute({
  method: "post",
  tags: ["Turns"],
  path: "/tasks/{id}/answer",
  summary: "Answer what the agent has asked; the turn goes on with the answer",
  request: { params: TaskPath, body: body(schemas.AnswerQuestion) },
  responses: { 202: json(schemas.Task, "The task as it is now."), ...refusals, 413: problems[413] },
});

const fork = createRoute({
  method: "post",
  tags: ["Turns"],
  path: "/tasks/{id}/fork",
  summary: "Make a new task that starts from the end of a turn of this one",
  request: { params: TaskPath, body: body(schemas.ForkTask) },
  responses: {
    201: json(schemas.Task, "The new task, queued."),
    ...refusals,
    410: problems[410],
    413: problems[413],
    422: problems[422],
  },
});

export function mountTurns(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { commands } = context;
  const all: [ReturnType<typeof command>, (task: TaskRecord) => Promise<TaskRecord>][] = [
    [routes.stop, commands.stop],
    [routes.cancel, commands.cancel],
    [routes.retry, commands.retry],
    [routes.archive, commands.archive],
  ];
  for (const [route, run] of all)
    api.openapi(route, async (c) => {
      const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
      return c.json(toTask(await run(task)), 202);
    });

  api.openapi(rollBack, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(toTask(await commands.rollBack(task, c.req.valid("json").turn)), 200);
  });

  api.openapi(approve, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    const { kind, commit } = c.req.valid("json");
    return c.json(toTask(await commands.approve(task, kind, commit)), 202);
  });

  api.openapi(answer, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(toTask(await commands.answer(task, c.req.valid("json"), c.get("requestKey"))), 202);
  });

  api.openapi(fork, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(toTask(await commands.fork(task, c.req.valid("json"), c.get("requestKey"))), 201);
  });
}
