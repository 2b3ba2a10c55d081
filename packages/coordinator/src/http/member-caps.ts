import type { MemberCap, MemberInfo } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isUncapped, NO_LIMIT } from "../domain/budget.ts";
import { failure } from "../domain/failure.ts";
import type { Member } from "../domain/sign-in.ts";
import { describeChange } from "./audit-detail.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const updateMember = createRoute({
  method: "patch",
  tags: ["People"],
  path: "/members/{id}",
  summary: "Cap what a member's tasks may spend, whatever limits they set themselves (owner only)",
  request: { params: z.strictObject({ id: z.string().max(100) }), body: body(schemas.UpdateMember) },
  responses: {
    200: json(schemas.MemberInfo, "The member as they are now. Tasks of theirs that wait may go on."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

type Context = Pick<ApiContext, "members" | "memberCaps" | "costs" | "budgets" | "audit" | "now">;

export function mountMemberCaps(api: OpenAPIHono<ApiEnvironment>, context: Context): void {
  const { members, memberCaps, budgets, audit } = context;
  api.openapi(updateMember, async (c) => {
    const { userId, role } = c.get("identity");
    const member = role === "owner" ? await members.get(c.req.valid("param").id) : null;
    if (!member || member.role === "owner")
      throw failure(
        "not_found",
        "There is no such member whose spending could be capped.",
        "GET /api/members lists them. The owner's own limits are in PATCH /api/settings.",
      );
    const { cap } = c.req.valid("json");
    const before = await memberCaps.get(member.id);
    const now: MemberCap = {
      day: cap === null ? NO_LIMIT : (cap.day ?? before?.day ?? NO_LIMIT),
      user: cap === null ? NO_LIMIT : (cap.user ?? before?.user ?? NO_LIMIT),
    };
    await memberCaps.set(member.id, isUncapped(now) ? null : now);
    const address = c.get("peer").address;
    const detail = `${member.login}: ${describeChange({ cap: now })}`;
    await audit.record({ userId, action: "member.cap_changed", subject: member.id, address, detail });
    budgets.lookAgain(member.id);
    return c.json(await withSpending(context, member), 200);
  });
}

/** A member as the owner sees them: with their cap, and with what their tasks have spent. */
export async function withSpending(
  { memberCaps, costs, now }: Pick<ApiContext, "memberCaps" | "costs" | "now">,
  member: Member,
): Promise<MemberInfo> {
  const today = now().toISOString().slice(0, 10);
  return {
    ...member,
    cap: await memberCaps.get(member.id),
    spent: { today: await costs.spent(member.id, today), ever: await costs.spent(member.id, null) },
  };
}
