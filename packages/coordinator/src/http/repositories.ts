import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { json, problems, schemas } from "./schemas.ts";

const listRepositories = createRoute({
  method: "get",
  tags: ["Repositories"],
  path: "/repositories",
  summary: "Repositories of the forges that you have a key for, those last worked on first",
  request: { query: z.strictObject({ q: z.string().max(200).default("") }) },
  responses: {
    200: json(schemas.RepositoryList, "What they list. A forge that fails is said so, and hides no other."),
    400: problems[400],
    401: problems[401],
  },
});

const listBranches = createRoute({
  method: "get",
  tags: ["Repositories"],
  path: "/repositories/branches",
  summary: "The branches of a repository, as its remote tells them",
  request: { query: z.strictObject({ repository: z.string().trim().min(1).max(2048) }) },
  responses: {
    200: json(schemas.BranchList, "The branches."),
    400: problems[400],
    401: problems[401],
    404: { ...problems[404], description: "No such repository, or not yours to see." },
    503: problems[503],
  },
});

export function mountRepositories(
  api: OpenAPIHono<ApiEnvironment>,
  { lister }: Pick<ApiContext, "lister">,
): void {
  api.openapi(listRepositories, async (c) =>
    c.json(await lister.repositories(c.get("userId"), c.req.valid("query").q), 200),
  );
  api.openapi(listBranches, async (c) => {
    const { repository } = c.req.valid("query");
    return c.json(await lister.branches(c.get("userId"), repository, c.req.raw.signal), 200);
  });
}
