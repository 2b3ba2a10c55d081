import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { EventBody } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { failure } from "../domain/failure.ts";
import type { EventLog, TaskStore } from "../domain/store.ts";
import { WEBHOOK_MAX_AGE_MS, type WebhookDeliveries } from "../domain/webhook.ts";
import type { ApiEnvironment } from "./context.ts";
import { problems } from "./schemas.ts";

export interface Webhooks {
  /** Null where the forge's webhooks are not taken: then the address is as if it were not there. */
  githubSecret: string | null;
  gitlabToken: string | null;
  deliveries: WebhookDeliveries;
  tasks: Pick<TaskStore, "get">;
  log: Pick<EventLog, "append">;
  now(): Date;
}

type PullRequestState = Extract<EventBody, { type: "pull_request.changed" }>["state"];

interface Change {
  url: string;
  state: PullRequestState;
  at: Date;
}

const webhook = (forge: "github" | "gitlab") =>
  createRoute({
    method: "post",
    tags: ["Webhooks"],
    path: `/webhooks/${forge}`,
    summary:
      forge === "github"
        ? "For GitHub, with `X-Hub-Signature-256`: a task's pull request was closed, merged or opened again"
        : "For GitLab, with `X-Gitlab-Token`: a task's merge request was closed, merged or opened again",
    security: [],
    responses: {
      202: { description: "It was taken, or there was nothing to do." },
      400: problems[400],
      401: problems[401],
      404: problems[404],
    },
  });

// A forge's payloads have a hundred fields and get new ones, so that unknown keys are passed over here.
const GitHubPayload = z.object({
  action: z.string(),
  pull_request: z.object({
    html_url: z.url(),
    merged: z.boolean(),
    updated_at: z.iso.datetime({ offset: true }),
  }),
});
const GitLabPayload = z.object({
  object_kind: z.string(),
  object_attributes: z.object({ url: z.url(), action: z.string().optional(), updated_at: z.string() }),
});

/**
 * Takes what forges tell by themselves. Nothing of a body is looked at before its sender is proved. The proof covers
 * the body alone, so a repeat is known by the body's own digest as well as by the delivery's id; one that is too old
 * for its repeat to be remembered is refused.
 */
export function mountWebhooks(api: OpenAPIHono<ApiEnvironment>, webhooks: Webhooks): void {
  api.openapi(webhook("github"), async (c) => {
    const body = await rawBody(c);
    const secret = webhooks.githubSecret ?? missing();
    const expected = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    if (!isSame(c.req.header("x-hub-signature-256"), expected)) throw notProved("X-Hub-Signature-256");
    if (c.req.header("x-github-event") === "pull_request")
      await take(webhooks, body, c.req.header("x-github-delivery"), readGitHub);
    return c.body(null, 202);
  });

  api.openapi(webhook("gitlab"), async (c) => {
    const body = await rawBody(c);
    const token = webhooks.gitlabToken ?? missing();
    if (!isSame(c.req.header("x-gitlab-token"), token)) throw notProved("X-Gitlab-Token");
    if (c.req.header("x-gitlab-event") === "Merge Request Hook")
      await take(webhooks, body, c.req.header("x-gitlab-event-uuid"), readGitLab);
    return c.body(null, 202);
  });
}

async function take(
  webhooks: Webhooks,
  body: Buffer,
  deliveryId: string | undefined,
  read: (payload: unknown) => Change | null,
): Promise<void> {
  const change = read(parse(body));
  if (change === null) return;
  if (webhooks.now().getTime() - change.at.getTime() > WEBHOOK_MAX_AGE_MS)
    throw failure(
      "invalid_request",
      "The delivery is more than a week old.",
      "Let the forge send a new one.",
    );
  const ids = [`body:${createHash("sha256").update(body).digest("hex")}`];
  if (deliveryId !== undefined) ids.push(`id:${deliveryId.slice(0, 100)}`);
  if (!(await webhooks.deliveries.isFirst(ids))) return;
  const { url, state } = change;
  for (const taskId of await webhooks.deliveries.tasksOf(url))
    await webhooks.log.append(taskId, (await webhooks.tasks.get(taskId))?.attempt ?? 0, [
      { type: "pull_request.changed", url, state },
    ]);
}

/** Null for what is not about a pull request's end or its coming back. */
function readGitHub(payload: unknown): Change | null {
  const { action, pull_request } = checked(GitHubPayload, payload);
  const state =
    action === "closed" ? (pull_request.merged ? "merged" : "closed") : openAgain(action, "reopened");
  return state && { url: pull_request.html_url, state, at: new Date(pull_request.updated_at) };
}

function readGitLab(payload: unknown): Change | null {
  const { object_attributes } = checked(GitLabPayload, payload);
  const { action, url } = object_attributes;
  const ends: Record<string, PullRequestState> = { close: "closed", merge: "merged", reopen: "open" };
  const state = ends[action ?? ""];
  const at = gitLabTime(object_attributes.updated_at);
  return state ? { url, state, at } : null;
}

const openAgain = (action: string, word: string): PullRequestState | null =>
  action === word ? "open" : null;

/** GitLab writes `2026-01-02 03:04:05 UTC` in some versions and ISO 8601 in others. */
function gitLabTime(text: string): Date {
  const at = new Date(text.replace(/^(\S+) (\S+) UTC$/, "$1T$2Z"));
  if (Number.isNaN(at.getTime())) throw badPayload("object_attributes.updated_at is no time");
  return at;
}

function checked<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw badPayload(
    parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
  );
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw badPayload("the body is not JSON");
  }
}

const rawBody = async (c: Context): Promise<Buffer> => Buffer.from(await c.req.arrayBuffer());

/** In a time that does not tell how much of it was right, whatever its length. */
function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given ?? ""), digest(expected));
}

function missing(): never {
  throw failure("not_found", "There is no such address.", "See /api/docs for what exists.");
}

function notProved(header: string) {
  return failure(
    "unauthorized",
    "The delivery's sender could not be proved.",
    `Enter the same secret at the forge and here; it comes back in ${header}.`,
  );
}

function badPayload(reason: string) {
  return failure("invalid_request", `The delivery cannot be read: ${reason}.`, "Let it be sent as JSON.");
}
