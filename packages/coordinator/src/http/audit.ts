import { AuditPage, AuditRecord, REPLAYED_HEADER } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { AuditEntry } from "../domain/audit.ts";
import { describeChange } from "./audit-detail.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { json, problems } from "./schemas.ts";

const EXPORT_PAGE = 500;

const AuditQuery = z.strictObject({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const listAudit = createRoute({
  method: "get",
  tags: ["Audit"],
  path: "/audit",
  summary: "Who did what from where, newest first: all of it for the owner, their own entries for a member",
  request: { query: AuditQuery },
  responses: {
    // A copy, as in `schemas`.
    200: json(AuditPage.clone().openapi("AuditPage"), "One page of entries."),
    400: problems[400],
    401: problems[401],
  },
});

const exportAudit = createRoute({
  method: "get",
  tags: ["Audit"],
  path: "/audit/export",
  summary: "The same as JSON Lines, whole, newest first",
  responses: {
    200: {
      description: "One entry a line.",
      content: { "text/jsonl": { schema: z.string() } },
    },
    401: problems[401],
  },
});

export function mountAudit(api: OpenAPIHono<ApiEnvironment>, context: Pick<ApiContext, "audit">): void {
  const { audit } = context;

  api.openapi(listAudit, async (c) => {
    const { before, limit } = c.req.valid("query");
    // One more than asked for tells whether there is a next page.
    const found = await audit.list({ before: before ?? null, limit: limit + 1, userId: visibleTo(c.var) });
    const entries = found.slice(0, limit);
    const nextBefore = found.length > limit ? (entries.at(-1)?.id ?? null) : null;
    return c.json({ entries, nextBefore }, 200);
  });

  api.openapi(exportAudit, async (c) => {
    const userId = visibleTo(c.var);
    await audit.record({
      userId: c.get("userId"),
      action: "audit.exported",
      subject: userId ?? "all",
      address: c.get("peer").address,
      detail: "",
    });
    const lines = everyEntry(audit, userId);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(new TextEncoder().encode(value));
      },
      async cancel() {
        await lines.return(undefined);
      },
    });
    return c.body(body, 200, {
      "content-type": "text/jsonl; charset=utf-8",
      "content-disposition": 'attachment; filename="farhand-audit.jsonl"',
    });
  });
}

/** Whose entries the asker may see: null means everybody's. */
function visibleTo({ identity, userId }: ApiEnvironment["Variables"]): string | null {
  return identity.role === "owner" ? null : userId;
}

/** A page's lines at a time. */
async function* everyEntry(
  audit: ApiContext["audit"],
  userId: string | null,
): AsyncGenerator<string, undefined> {
  let before: number | null = null;
  for (;;) {
    const page: AuditEntry[] = await audit.list({ before, limit: EXPORT_PAGE, userId });
    const last = page.at(-1);
    if (!last) return undefined;
    yield page.map((entry) => `${JSON.stringify(AuditRecord.parse(entry))}\n`).join("");
    before = last.id;
  }
}

/**
 * What each change is called in the log. A change that is not here is recorded by whoever does it, with what only they
 * know: a sign-in, a key.
 */
export const AUDITED_CHANGES: Readonly<Record<string, string>> = {
  "POST /tasks": "task.created",
  "POST /tasks/{id}/stop": "task.stopped",
  "POST /tasks/{id}/cancel": "task.cancelled",
  "POST /tasks/{id}/retry": "task.retried",
  "POST /tasks/{id}/approve": "workflows.approved",
  "POST /tasks/{id}/answer": "question.answered",
  "POST /tasks/{id}/archive": "task.archived",
  "POST /tasks/{id}/rollback": "task.rolled_back",
  "POST /tasks/{id}/fork": "task.forked",
  "PUT /attachments/{id}": "attachment.added",
  "POST /tasks/{id}/messages": "message.sent",
  "PATCH /tasks/{id}/messages/{messageId}": "message.edited",
  "DELETE /tasks/{id}/messages/{messageId}": "message.withdrawn",
  "PUT /tasks/{id}/messages/order": "messages.reordered",
  "POST /tasks/{id}/budget": "budget.changed",
  "PATCH /settings": "settings.changed",
};

/** Those whose body says what was changed. Others tell texts of people, which have their place in the task's log. */
const WITH_VALUES: ReadonlySet<string> = new Set(["budget.changed", "settings.changed"]);

const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Records each change of the table that was made. A refused one changed nothing, and is not recorded. */
export function auditChanges(context: Pick<ApiContext, "audit">): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    await next();
    if (!CHANGING.has(c.req.method) || c.res.status >= 400 || c.res.headers.has(REPLAYED_HEADER)) return;
    const path = c.req.path.replace(/^\/api/, "");
    const action = AUDITED_CHANGES[`${c.req.method} ${routeOf(path)}`];
    if (action === undefined) return;
    await context.audit.record({
      userId: c.get("userId"),
      action,
      subject: await subjectOf(c.res, path),
      address: c.get("peer").address,
      detail: WITH_VALUES.has(action) ? describeChange(await c.req.json()) : "",
    });
  };
}

/** The path with its ids taken out, as the OpenAPI document writes it. */
function routeOf(path: string): string {
  return path
    .replace(/\/t_[0-9a-z]{26}(?=\/|$)/, "/{id}")
    .replace(/\/m_[0-9a-z]{26}$/, "/{messageId}")
    .replace(/^\/attachments\/[0-9a-f-]{36}$/, "/attachments/{id}");
}

const Made = z.object({ id: z.string() });

/** The task in the path, and the one that was made where one was. */
async function subjectOf(response: Response, path: string): Promise<string> {
  const named = /\/(t_[0-9a-z]{26})(\/|$)/.exec(path)?.[1];
  if (response.status !== 201) return named ?? path.slice(1);
  const made = Made.safeParse(await response.clone().json());
  return [...(named ? [named] : []), ...(made.success ? [made.data.id] : [])].join(" → ");
}
