import { Revision, TaskDiff } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { commitOf } from "./revision.ts";
import { json, problems, TaskPath } from "./schemas.ts";

const DiffQuery = z.strictObject({
  from: Revision.default("base"),
  to: Revision.default("latest"),
  /** A file or a folder; the whole when there is none. */
  path: z.string().default(""),
});

const readDiff = createRoute({
  method: "get",
  tags: ["Files"],
  path: "/tasks/{id}/diff",
  summary:
    "What changed between two revisions of the task's files: the files, and a unified diff of at most 1 MiB",
  request: { params: TaskPath, query: DiffQuery },
  responses: {
    // A copy, as in `schemas`.
    200: json(TaskDiff.clone().openapi("TaskDiff"), "The diff."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
    409: problems[409],
    410: problems[410],
  },
});

export function mountDiff(
  api: OpenAPIHono<ApiEnvironment>,
  context: Pick<ApiContext, "tasks" | "repositories">,
): void {
  const { repositories } = context;
  api.openapi(readDiff, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    const query = c.req.valid("query");
    const from = await commitOf(repositories, task, query.from);
    const to = await commitOf(repositories, task, query.to);
    const changes = await repositories.changes(task.id, from, to, query.path === "" ? null : query.path);
    return c.json({ from, to, ...changes }, 200);
  });
}
