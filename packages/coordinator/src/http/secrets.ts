import { SECRET_MIN_CHARS } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const AGENT_SEES =
  "The agent is given the value in its shell and can print it; then the model's provider has it too, and anyone who " +
  "may read this task. A text in the repository can ask the agent for it. Switch it on only for what you could lose.";

const TOO_SHORT =
  `The value has fewer than ${SECRET_MIN_CHARS} characters. So short a value is easily guessed, and cannot be cut out of what the ` +
  "repository's tasks print.";

const repository = z.string().trim().min(1).max(2048);
const ListQuery = z.strictObject({ repository: repository.optional() });
const RemoveQuery = z.strictObject({ repository, name: z.string().min(1).max(100) });

const listSecrets = createRoute({
  method: "get",
  tags: ["Secrets"],
  path: "/secrets",
  summary: "Environment variables of your repositories, without their values",
  request: { query: ListQuery },
  responses: { 200: json(schemas.SecretList, "The secrets."), 400: problems[400], 401: problems[401] },
});

const putSecret = createRoute({
  method: "put",
  tags: ["Secrets"],
  path: "/secrets",
  summary: "Set an environment variable for a repository's setup, and for the agent only if you say so",
  request: { body: body(schemas.PutSecret) },
  responses: {
    200: json(
      schemas.SecretList,
      "The repository's secrets, and a warning where the agent will see this one.",
    ),
    400: problems[400],
    401: problems[401],
  },
});

const removeSecret = createRoute({
  method: "delete",
  tags: ["Secrets"],
  path: "/secrets",
  summary: "Remove one",
  request: { query: RemoveQuery },
  responses: {
    200: json(schemas.SecretList, "The repository's secrets that are left."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

/** Repeats do no harm here, and no trace of a value is to be kept for them: mount this before what keeps answers. */
export function mountSecrets(
  api: OpenAPIHono<ApiEnvironment>,
  { keys, audit }: Pick<ApiContext, "keys" | "audit">,
): void {
  const record = (c: Context<ApiEnvironment>, action: string, subject: string, detail: string) =>
    audit.record({ userId: c.get("userId"), action, subject, address: c.get("peer").address, detail });

  api.openapi(listSecrets, async (c) => {
    const secrets = await keys.secrets(c.get("userId"), c.req.valid("query").repository ?? null);
    return c.json({ secrets, warning: null }, 200);
  });

  api.openapi(putSecret, async (c) => {
    const userId = c.get("userId");
    const { value } = c.req.valid("json");
    const { repository: of, name, isForAgent } = await keys.putSecret(userId, c.req.valid("json"));
    await record(c, "secret.set", `${of} ${name}`, isForAgent ? "for the agent too" : "for the setup alone");
    return c.json(
      {
        secrets: await keys.secrets(userId, c.req.valid("json").repository),
        warning: isForAgent ? AGENT_SEES : value.length < SECRET_MIN_CHARS ? TOO_SHORT : null,
      },
      200,
    );
  });

  api.openapi(removeSecret, async (c) => {
    const userId = c.get("userId");
    const { repository: of, name } = c.req.valid("query");
    await keys.removeSecret(userId, of, name);
    await record(c, "secret.removed", `${of} ${name}`, "");
    return c.json({ secrets: await keys.secrets(userId, of), warning: null }, 200);
  });
}
