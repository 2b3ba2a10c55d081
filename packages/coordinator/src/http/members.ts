import { FarhandError, failure } from "../domain/failure.ts";
import type { Identity } from "../domain/identity.ts";
import type { Member } from "../domain/sign-in.ts";
import { isActive } from "../domain/task-state.ts";
import type { ApiContext } from "./context.ts";

/** Who asks, and from where. */
interface By {
  identity: Identity;
  address: string | null;
}

const PAGE = 100;

/**
 * Ends a member's ways in, and the tasks that they have under way: nobody could stop them otherwise.
 *
 * @throws FarhandError `not_found`, also for whoever is not the owner, and for the owner, who stays
 */
export async function removeMember(context: ApiContext, memberId: string, by: By): Promise<void> {
  const member = await memberOf(context, memberId, by);
  if (member.role === "owner") throw noSuchMember();
  // Before, so that what is cut short in between can be done again; and after, for what they began meanwhile.
  await cancelTasks(context, memberId);
  if (!(await context.members.remove(memberId))) throw noSuchMember();
  await cancelTasks(context, memberId);
  await context.audit.record({
    userId: by.identity.userId,
    action: "member.removed",
    subject: memberId,
    address: by.address,
    detail: member.login,
  });
}

/**
 * A link that signs a member in who has no way in of their own.
 *
 * @throws FarhandError `not_found`, also for whoever is not the owner
 */
export async function linkMember(
  context: Pick<ApiContext, "members" | "signIn" | "audit">,
  memberId: string,
  by: By,
): Promise<{ url: string; expiresAt: string }> {
  const member = await memberOf(context, memberId, by);
  const link = await context.signIn.makeMemberLink(member.id);
  await context.audit.record({
    userId: by.identity.userId,
    action: "sign_in_link.made",
    subject: member.id,
    address: by.address,
    detail: `for ${member.login}`,
  });
  return link;
}

async function memberOf(
  { members }: Pick<ApiContext, "members">,
  memberId: string,
  { identity }: By,
): Promise<Member> {
  const member = identity.role === "owner" ? await members.get(memberId) : null;
  if (!member) throw noSuchMember();
  return member;
}

const noSuchMember = () =>
  failure("not_found", "There is no such member.", "GET /api/members lists them. The owner stays.");

async function cancelTasks({ tasks, commands }: ApiContext, userId: string): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await tasks.list({ userId, state: null, cursor, limit: PAGE });
    for (const { id } of page.tasks.filter(({ state }) => isActive(state))) {
      const task = await tasks.get(id);
      try {
        if (task) await commands.cancel(task);
      } catch (error) {
        // It has ended by itself in the meantime.
        if (!(error instanceof FarhandError && error.failure.code === "conflict")) throw error;
      }
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
}
