import { KeyId } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const KeyPath = z.strictObject({ id: KeyId });
const PutQuery = z.strictObject({ unchecked: z.enum(["true", "false"]).optional() });

const listKeys = createRoute({
  method: "get",
  tags: ["Keys"],
  path: "/keys",
  summary: "Your keys: what they are for and their last four characters, never the keys",
  responses: { 200: json(schemas.KeyList, "The keys."), 401: problems[401] },
});

const putKey = createRoute({
  method: "put",
  tags: ["Keys"],
  path: "/keys",
  summary: "Add a key, or replace it; it is tried first, and kept only when the service takes it",
  request: { query: PutQuery, body: body(schemas.PutKey) },
  responses: {
    200: json(schemas.KeyInfo, "What is kept, without the key."),
    400: problems[400],
    401: problems[401],
    503: problems[503],
  },
});

const checkKey = createRoute({
  method: "post",
  tags: ["Keys"],
  path: "/keys/{id}/check",
  summary: "Try a key again",
  request: { params: KeyPath },
  responses: {
    200: json(schemas.KeyInfo, "What the service says now."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

const removeKey = createRoute({
  method: "delete",
  tags: ["Keys"],
  path: "/keys/{id}",
  summary: "Remove a key",
  request: { params: KeyPath },
  responses: {
    200: json(schemas.KeyList, "The keys that are left."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

/** Repeats do no harm here, and no trace of a key is to be kept for them: mount this before what keeps answers. */
export function mountKeys(
  api: OpenAPIHono<ApiEnvironment>,
  { keys, audit }: Pick<ApiContext, "keys" | "audit">,
): void {
  const record = (c: Context<ApiEnvironment>, action: string, subject: string, detail: string) =>
    audit.record({ userId: c.get("userId"), action, subject, address: c.get("peer").address, detail });

  const listOf = async (userId: string) => ({
    keys: await keys.list(userId),
    serverKeys: await keys.serverKeys(userId),
  });

  api.openapi(listKeys, async (c) => c.json(await listOf(c.get("userId")), 200));

  api.openapi(putKey, async (c) => {
    const isUnchecked = c.req.valid("query").unchecked === "true";
    const { key, isNew } = await keys.put(c.get("userId"), c.req.valid("json"), isUnchecked);
    await record(c, isNew ? "key.added" : "key.replaced", `${key.purpose} ${key.host}`, key.check);
    return c.json(key, 200);
  });

  api.openapi(checkKey, async (c) => {
    const key = await keys.check(c.get("userId"), c.req.valid("param").id);
    await record(c, "key.checked", `${key.purpose} ${key.host}`, key.check);
    return c.json(key, 200);
  });

  api.openapi(removeKey, async (c) => {
    const gone = await keys.remove(c.get("userId"), c.req.valid("param").id);
    await record(c, "key.removed", `${gone.purpose} ${gone.host}`, "");
    return c.json(await listOf(c.get("userId")), 200);
  });
}
