import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { failure } from "../domain/failure.ts";
import type { SignedIn } from "../domain/sign-in.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { json, problems, schemas } from "./schemas.ts";

const methods = createRoute({
  method: "get",
  tags: ["Signing in"],
  path: "/sign-in-methods",
  summary: "How one can sign in here",
  security: [],
  responses: { 200: json(schemas.SignInMethods, "The ways.") },
});

const me = createRoute({
  method: "get",
  tags: ["Signing in"],
  path: "/me",
  summary: "Who you are here",
  responses: { 200: json(schemas.Me, "You."), 401: problems[401] },
});

const list = createRoute({
  method: "get",
  tags: ["Signing in"],
  path: "/sessions",
  summary: "Every browser, app and command line that is signed in as you",
  responses: { 200: json(schemas.SessionList, "The newest first."), 401: problems[401] },
});

const revoke = createRoute({
  method: "delete",
  tags: ["Signing in"],
  path: "/sessions/{id}",
  summary: "Sign one of them out",
  request: { params: z.strictObject({ id: z.string().max(100) }) },
  responses: { 200: json(schemas.Done, "It is signed out."), 401: problems[401], 404: problems[404] },
});

const makeLink = createRoute({
  method: "post",
  tags: ["Signing in"],
  path: "/sign-in-links",
  summary: "Make a link that signs in another device of yours, once and within five minutes",
  responses: { 201: json(schemas.SignInLink, "The link. It is not shown again."), 401: problems[401] },
});

/** Open to anyone who can reach the server: whoever wants to sign in is not known yet. */
export function mountSignInMethods(
  api: OpenAPIHono<ApiEnvironment>,
  { signIn, members }: Pick<ApiContext, "signIn" | "members">,
): void {
  api.openapi(methods, async (c) =>
    c.json({ providers: [...signIn.providers], isOwned: (await members.claimedAt()) !== null }, 200),
  );
}

export function mountSessions(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { sessions, members } = context;

  api.openapi(me, async (c) => {
    const { userId, sessionId } = c.get("identity");
    const member = await members.get(userId);
    if (!member) throw failure("not_found", "You are no longer a member here.", "Ask the server's owner.");
    const { login, name, role } = member;
    return c.json({ userId, login, name, role, sessionId }, 200);
  });

  api.openapi(list, async (c) => {
    const { userId, sessionId } = c.get("identity");
    const found = await sessions.list(userId);
    return c.json({ sessions: found.map((session) => sessionInfo(session, sessionId)) }, 200);
  });

  api.openapi(revoke, async (c) => {
    const { id: sessionId } = c.req.valid("param");
    await endSession(context, { userId: c.get("userId"), sessionId, address: c.get("peer").address });
    return c.json({ status: "done" as const }, 200);
  });

  api.openapi(makeLink, async (c) => {
    return c.json(await makeOwnLink(context, c.get("userId"), c.get("peer").address), 201);
  });
}

/** A link for another device of the same person. */
export async function makeOwnLink(
  { signIn, audit }: Pick<ApiContext, "signIn" | "audit">,
  userId: string,
  address: string | null,
): Promise<{ url: string; expiresAt: string }> {
  const link = await signIn.makeLink(userId);
  await audit.record({
    userId,
    action: "sign_in_link.made",
    subject: userId,
    address,
    detail: "for another device",
  });
  return link;
}

/** @throws FarhandError `not_found`, for one that is not there and for somebody else's alike */
export async function endSession(
  { sessions, audit }: Pick<ApiContext, "sessions" | "audit">,
  { userId, sessionId, address }: { userId: string; sessionId: string; address: string | null },
): Promise<void> {
  if (!(await sessions.revoke(userId, sessionId)))
    throw failure("not_found", "There is no such session.", "GET /api/sessions lists yours.");
  await audit.record({ userId, action: "session.revoked", subject: sessionId, address, detail: "" });
}

function sessionInfo({ userId: _, ...session }: SignedIn, current: string | null) {
  return { ...session, isCurrent: session.id === current };
}
