import { FILE_TEXT_MAX_BYTES, FileNode, FileSearch, Revision, SearchText } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { RAW_HEADERS } from "./raw-headers.ts";
import { commitOf } from "./revision.ts";
import { json, problems, TaskPath } from "./schemas.ts";

const FilesQuery = z.strictObject({ at: Revision.default("latest"), path: z.string().default("") });
const SearchQuery = z.strictObject({ q: SearchText, at: Revision.default("latest") });

const failures = {
  400: problems[400],
  401: problems[401],
  404: problems[404],
  409: problems[409],
  410: problems[410],
};

const readNode = createRoute({
  method: "get",
  tags: ["Files"],
  path: "/tasks/{id}/files",
  summary: "A folder, file, link or submodule of the task's files, as they were at a revision",
  request: { params: TaskPath, query: FilesQuery },
  // A copy, as in `schemas`.
  responses: { 200: json(FileNode.clone().openapi("FileNode"), "What stands at the path."), ...failures },
});

const search = createRoute({
  method: "get",
  tags: ["Files"],
  path: "/tasks/{id}/files/search",
  summary: "Where a text stands in the task's files, as they were at a revision",
  request: { params: TaskPath, query: SearchQuery },
  responses: {
    200: json(FileSearch.clone().openapi("FileSearch"), "Lines that have the text in them, by file."),
    ...failures,
  },
});

const readRaw = createRoute({
  method: "get",
  tags: ["Files"],
  path: "/tasks/{id}/files/raw",
  summary: "A file's bytes. HEAD gives the headers alone, with the size as `content-length`",
  request: { params: TaskPath, query: FilesQuery },
  responses: {
    200: {
      description: "The bytes, to be saved and not shown.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...failures,
  },
});

/** Reading a task's files. No sandbox is needed for it, and nothing of the repository is ever run. */
export function mountFiles(
  api: OpenAPIHono<ApiEnvironment>,
  context: Pick<ApiContext, "tasks" | "repositories">,
): void {
  const { repositories } = context;

  api.openapi(readNode, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    const { at, path } = c.req.valid("query");
    const commit = await commitOf(repositories, task, at);
    return c.json(await repositories.node(task.id, commit, path), 200);
  });

  api.openapi(search, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    const { q, at } = c.req.valid("query");
    const commit = await commitOf(repositories, task, at);
    const { signal } = c.req.raw;
    try {
      return c.json(await repositories.search(task.id, commit, q, signal), 200);
    } catch (error) {
      // Somebody types on, and nobody reads this any more.
      if (signal.aborted) return c.json({ commit, files: [], truncated: true }, 200);
      throw error;
    }
  });

  api.openapi(readRaw, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    const { at, path } = c.req.valid("query");
    const commit = await commitOf(repositories, task, at);
    const file = await repositories.raw(task.id, commit, path, c.req.raw.signal);
    const headers = {
      ...RAW_HEADERS,
      "content-length": String(file.sizeBytes),
    };
    if (c.req.method === "HEAD") {
      // Hono drops the body of an answer to HEAD without ending what writes it.
      await file.body.cancel();
      return c.body(null, 200, headers);
    }
    // Bun's server gives a streamed body no length, so that what is small comes in one piece.
    const isSmall = file.sizeBytes <= FILE_TEXT_MAX_BYTES;
    return c.body(isSmall ? await new Response(file.body).arrayBuffer() : file.body, 200, headers);
  });
}
