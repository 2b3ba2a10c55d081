import { ToolUseId } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { failure } from "../domain/failure.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { RAW_HEADERS } from "./raw-headers.ts";
import { demandFiles } from "./revision.ts";
import { problems, TaskPath } from "./schemas.ts";

const readOutput = createRoute({
  method: "get",
  tags: ["Files"],
  path: "/tasks/{id}/outputs/{toolUseId}",
  summary:
    "All that a tool gave, where `tool.finished` names an `output`: as it was printed, with its colours",
  description: "Text in UTF-8, without the secrets that the server knows.",
  request: { params: TaskPath.extend({ toolUseId: ToolUseId }) },
  responses: {
    200: {
      description: "The text, to be saved and not shown as a page.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    400: problems[400],
    401: problems[401],
    404: problems[404],
    410: problems[410],
  },
});

export function mountOutputs(
  api: OpenAPIHono<ApiEnvironment>,
  context: Pick<ApiContext, "tasks" | "outputs">,
): void {
  api.openapi(readOutput, async (c) => {
    const { id, toolUseId } = c.req.valid("param");
    const task = await ownTask(context, c.get("userId"), id);
    demandFiles(task);
    const text = await context.outputs.open(task.id, toolUseId);
    if (!text)
      throw failure(
        "not_found",
        "Of this call no more is kept than the log has.",
        "See the events: where there is more, `tool.finished` names an `output`.",
      );
    return c.body(await text.arrayBuffer(), 200, RAW_HEADERS);
  });
}
