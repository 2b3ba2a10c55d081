import type { AuditLog } from "../domain/audit.ts";
import type { Clock } from "../domain/ports.ts";
import type { Invite, InviteStore, Member, MemberStore } from "../domain/sign-in.ts";
import { hashOf, INVITE_SECONDS, newToken } from "./tokens.ts";

/** Somebody who has shown a provider who they are, and has no account here. */
export interface Applicant {
  id: string;
  provider: string;
  login: string;
  name: string;
  /** Of the invite's link, which the browser has kept. */
  inviteToken: string | null;
  address: string | null;
}

export interface Invitations {
  /** Lets in whoever is invited, once for each invite, as a member. @returns null for everybody else */
  admit(applicant: Applicant): Promise<Member | null>;
  /** Lets in whoever holds the link, without a provider. @returns null when the link is none any more */
  join(token: string, name: string, address: string | null): Promise<Member | null>;
  /** @returns the invite, and its link's token where it is not for one login */
  make(
    by: string,
    whom: { provider: string; login: string } | null,
  ): Promise<{ invite: Invite; token: string | null }>;
}

/**
 * Providers whose logins belong to one person each. What another provider calls a login may be anything that its users
 * fill in, so there only a link invites.
 */
const LOGIN_PROVIDERS = new Set(["github", "gitlab"]);

/**
 * A login made of a name, in the letters of its own script. The store puts a number behind one that is taken.
 */
export function loginFor(name: string): string {
  const login = name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return login || "person";
}

export function createInvitations(options: {
  invites: InviteStore;
  members: MemberStore;
  audit: AuditLog;
  clock: Clock;
  newId: (prefix: string) => string;
}): Invitations {
  const { invites, members, audit, clock } = options;

  const used = (invite: Invite, member: Member, address: string | null) =>
    audit.record({
      userId: member.id,
      action: "invite.used",
      subject: invite.id,
      address,
      detail: `${member.login} joined`,
    });

  return {
    async admit({ id, provider, login, name, inviteToken, address }) {
      const invite =
        (LOGIN_PROVIDERS.has(provider) ? await invites.take({ provider, login }) : null) ??
        (inviteToken ? await invites.take({ tokenHash: hashOf(inviteToken) }) : null);
      if (!invite) {
        await audit.record({
          userId: null,
          action: "sign_in.refused",
          subject: `${provider}:${login}`,
          address,
          detail: "not invited",
        });
        return null;
      }
      const member = await members.add({ id, login, name, role: "member" });
      await used(invite, member, address);
      return member;
    },

    async join(token, name, address) {
      const invite = await invites.take({ tokenHash: hashOf(token) });
      if (!invite) return null;
      const login = loginFor(name);
      const member = await members.add({ id: options.newId("u_"), login, name, role: "member" });
      await used(invite, member, address);
      return member;
    },

    async make(by, whom) {
      const token = whom ? null : newToken();
      const invite = await invites.add({
        id: options.newId("i_"),
        provider: whom?.provider ?? null,
        login: whom?.login ?? null,
        tokenHash: token && hashOf(token),
        madeBy: by,
        expiresAt: new Date(clock.now().getTime() + INVITE_SECONDS * 1000).toISOString(),
      });
      return { invite, token };
    },
  };
}
