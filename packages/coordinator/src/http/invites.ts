import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { failure } from "../domain/failure.ts";
import type { Identity } from "../domain/identity.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { withSpending } from "./member-caps.ts";
import { linkMember, removeMember } from "./members.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const listInvites = createRoute({
  method: "get",
  tags: ["People"],
  path: "/invites",
  summary: "Invites that nobody has used yet (owner only)",
  responses: { 200: json(schemas.InviteList, "The newest first."), 401: problems[401], 403: problems[403] },
});

const makeInvite = createRoute({
  method: "post",
  tags: ["People"],
  path: "/invites",
  summary: "Invite a person by their login, or by a link (owner only)",
  request: { body: body(schemas.MakeInvite) },
  responses: {
    201: json(schemas.MadeInvite, "The invite holds for seven days, and for one person."),
    400: problems[400],
    401: problems[401],
    403: problems[403],
  },
});

const withdrawInvite = createRoute({
  method: "delete",
  tags: ["People"],
  path: "/invites/{id}",
  summary: "Withdraw an invite (owner only)",
  request: { params: z.strictObject({ id: z.string().max(100) }) },
  responses: {
    200: json(schemas.Done, "It is withdrawn."),
    401: problems[401],
    404: problems[404],
  },
});

const listMembers = createRoute({
  method: "get",
  tags: ["People"],
  path: "/members",
  summary: "Who may use this server (owner only)",
  responses: { 200: json(schemas.MemberList, "The oldest first."), 401: problems[401], 403: problems[403] },
});

const makeMemberLink = createRoute({
  method: "post",
  tags: ["People"],
  path: "/members/{id}/link",
  summary:
    "Make a link that signs a member in, once and within a day, for one who has no other way in (owner only)",
  request: { params: z.strictObject({ id: z.string().max(100) }) },
  responses: {
    201: json(schemas.SignInLink, "The link. It is not shown again. Links that they had are taken back."),
    401: problems[401],
    404: problems[404],
  },
});

const deleteMember = createRoute({
  method: "delete",
  tags: ["People"],
  path: "/members/{id}",
  summary:
    "End all of a person's ways in and the tasks that they have under way; what they did stays (owner only)",
  request: { params: z.strictObject({ id: z.string().max(100) }) },
  responses: {
    200: json(schemas.Done, "They are out."),
    401: problems[401],
    404: problems[404],
  },
});

export function mountInvites(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { invites, members, audit } = context;

  api.openapi(listInvites, async (c) => {
    requireOwner(c.get("identity"));
    return c.json({ invites: await invites.list() }, 200);
  });

  api.openapi(makeInvite, async (c) => {
    const identity = c.get("identity");
    const { person } = c.req.valid("json");
    return c.json(await inviteBy(context, identity, person, c.get("peer").address), 201);
  });

  api.openapi(withdrawInvite, async (c) => {
    const { userId, role } = c.get("identity");
    const { id: inviteId } = c.req.valid("param");
    if (role !== "owner" || !(await invites.remove(inviteId)))
      throw failure("not_found", "There is no such invite.", "GET /api/invites lists them.");
    const address = c.get("peer").address;
    await audit.record({ userId, action: "invite.withdrawn", subject: inviteId, address, detail: "" });
    return c.json({ status: "done" as const }, 200);
  });

  api.openapi(listMembers, async (c) => {
    requireOwner(c.get("identity"));
    const found = await members.list();
    return c.json({ members: await Promise.all(found.map((it) => withSpending(context, it))) }, 200);
  });

  api.openapi(makeMemberLink, async (c) => {
    const by = { identity: c.get("identity"), address: c.get("peer").address };
    return c.json(await linkMember(context, c.req.valid("param").id, by), 201);
  });

  api.openapi(deleteMember, async (c) => {
    const by = { identity: c.get("identity"), address: c.get("peer").address };
    await removeMember(context, c.req.valid("param").id, by);
    return c.json({ status: "done" as const }, 200);
  });
}

/** @throws FarhandError `owner_only` */
export async function inviteBy(
  { signIn, audit }: Pick<ApiContext, "signIn" | "audit">,
  identity: Identity,
  person: { provider: string; login: string } | null,
  address: string | null,
) {
  const { userId } = requireOwner(identity);
  const made = await signIn.invite(userId, person);
  const detail = person ? `${person.provider}:${person.login}` : "by link";
  await audit.record({ userId, action: "invite.made", subject: made.id, address, detail });
  return made;
}

/** @throws FarhandError `owner_only` */
export function requireOwner(identity: Identity): Identity {
  if (identity.role === "owner") return identity;
  throw failure("owner_only", "Only the server's owner may do this.", "Ask the owner.");
}
