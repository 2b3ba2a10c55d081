import type {
  Done,
  InviteList,
  MadeInvite,
  MakeInvite,
  Me,
  MemberInfo,
  MemberList,
  SessionList,
  SignInLink,
  SignInMethods,
  UpdateMember,
} from "@farhand/protocol";
import type { Rest } from "./rest.ts";

export interface SignInApi {
  /** How one can sign in; to be asked before anybody is. */
  signInMethods(signal?: AbortSignal): Promise<SignInMethods>;
  me(signal?: AbortSignal): Promise<Me>;
  /** Every device that is signed in as the same person. */
  sessions(signal?: AbortSignal): Promise<SessionList>;
  endSession(id: string): Promise<Done>;
  /** A link that signs in one other device of the same person. */
  makeSignInLink(): Promise<SignInLink>;
  /** The owner's alone, as are the three that follow. */
  invite(person: MakeInvite["person"]): Promise<MadeInvite>;
  invites(signal?: AbortSignal): Promise<InviteList>;
  withdrawInvite(id: string): Promise<Done>;
  members(signal?: AbortSignal): Promise<MemberList>;
  removeMember(id: string): Promise<Done>;
  /** Caps what a member's tasks may spend: what is named is replaced, null takes all of it away. */
  updateMember(id: string, change: UpdateMember): Promise<MemberInfo>;
  /** A link that signs in a member who has no other way in, within a day. */
  makeMemberLink(id: string): Promise<SignInLink>;
}

export function createSignInApi(rest: Rest): SignInApi {
  const remove = (path: string, id: string) =>
    rest.change("Done", { method: "DELETE", path: `${path}/${encodeURIComponent(id)}` });
  return {
    signInMethods: (signal) => rest.read("SignInMethods", { path: "/api/sign-in-methods", signal }),
    me: (signal) => rest.read("Me", { path: "/api/me", signal }),
    sessions: (signal) => rest.read("SessionList", { path: "/api/sessions", signal }),
    endSession: (id) => remove("/api/sessions", id),
    makeSignInLink: () => rest.change("SignInLink", { method: "POST", path: "/api/sign-in-links" }),
    invite: (person) => rest.change("MadeInvite", { method: "POST", path: "/api/invites", body: { person } }),
    invites: (signal) => rest.read("InviteList", { path: "/api/invites", signal }),
    withdrawInvite: (id) => remove("/api/invites", id),
    members: (signal) => rest.read("MemberList", { path: "/api/members", signal }),
    removeMember: (id) => remove("/api/members", id),
    updateMember: (id, change) =>
      rest.change("MemberInfo", {
        method: "PATCH",
        path: `/api/members/${encodeURIComponent(id)}`,
        body: change,
      }),
    makeMemberLink: (id) =>
      rest.change("SignInLink", { method: "POST", path: `/api/members/${encodeURIComponent(id)}/link` }),
  };
}
