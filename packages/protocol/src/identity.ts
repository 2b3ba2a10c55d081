import { z } from "zod";
import { MemberCap, Spending } from "./budget.ts";
import { Timestamp } from "./scalars.ts";

export const Role = z.enum(["owner", "member"]);

/** `GET /api/sign-in-methods`: how one can sign in here. Open to anyone, so it names no person. */
export const SignInMethods = z.strictObject({
  /** Below `/sign-in/with/<id>` each begins. */
  providers: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  /** False until somebody has opened the setup link. */
  isOwned: z.boolean(),
});
export type SignInMethods = z.infer<typeof SignInMethods>;

/** Whoever asks. */
export const Me = z.strictObject({
  userId: z.string(),
  login: z.string(),
  name: z.string(),
  role: Role,
  /** Null for the token of the server's own command line. */
  sessionId: z.string().nullable(),
});
export type Me = z.infer<typeof Me>;

/** A browser, an app or a command line that is signed in. */
export const SessionInfo = z.strictObject({
  id: z.string(),
  kind: z.enum(["browser", "app", "cli"]),
  /** What it calls itself. It is not to be trusted. */
  label: z.string(),
  address: z.string().nullable(),
  createdAt: Timestamp,
  /** When it last came for a new token; the same as `createdAt` for browsers. */
  usedAt: Timestamp,
  expiresAt: Timestamp,
  isCurrent: z.boolean(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

export const SessionList = z.strictObject({ sessions: z.array(SessionInfo) });
export type SessionList = z.infer<typeof SessionList>;

/** A link that signs in one other device, once. Whoever has it comes in, so it is for the person's own eyes. */
export const SignInLink = z.strictObject({ url: z.string(), expiresAt: Timestamp });
export type SignInLink = z.infer<typeof SignInLink>;

export const InviteProvider = z.enum(["github", "gitlab"]);

/** Invites a person by their login, or whoever gets the link where no login is given. */
export const MakeInvite = z.strictObject({
  person: z
    .strictObject({
      provider: InviteProvider,
      login: z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "a login has letters, digits and . _ -"),
    })
    .nullable(),
});
export type MakeInvite = z.infer<typeof MakeInvite>;

export const InviteInfo = z.strictObject({
  id: z.string(),
  provider: z.string().nullable(),
  login: z.string().nullable(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type InviteInfo = z.infer<typeof InviteInfo>;

export const InviteList = z.strictObject({ invites: z.array(InviteInfo) });
export type InviteList = z.infer<typeof InviteList>;

/** The link is shown this once. Null for an invite by login: its person signs in as ever. */
export const MadeInvite = z.strictObject({ ...InviteInfo.shape, url: z.string().nullable() });
export type MadeInvite = z.infer<typeof MadeInvite>;

export const MemberInfo = z.strictObject({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  role: Role,
  createdAt: Timestamp,
  /** Null where the owner has set none. */
  cap: MemberCap.nullable(),
  /** By their tasks: on this day (UTC), and in all. Calls whose price is not known count in tokens alone. */
  spent: z.strictObject({ today: Spending, ever: Spending }),
});
export type MemberInfo = z.infer<typeof MemberInfo>;

export const MemberList = z.strictObject({ members: z.array(MemberInfo) });
export type MemberList = z.infer<typeof MemberList>;

/** `PATCH /api/members/{id}`: of the cap, what is named is replaced; null takes all of it away. */
export const UpdateMember = z.strictObject({ cap: MemberCap.partial().nullable() });
export type UpdateMember = z.infer<typeof UpdateMember>;

/** The answer to a change that leaves nothing to tell. */
export const Done = z.strictObject({ status: z.literal("done") });
export type Done = z.infer<typeof Done>;
