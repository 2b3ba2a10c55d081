import type { Peer, Role } from "./identity.ts";

/** Somebody who may use the server. */
export interface Member {
  id: string;
  login: string;
  name: string;
  role: Role;
  createdAt: string;
}

export interface MemberStore {
  get(userId: string): Promise<Member | null>;
  list(): Promise<Member[]>;
  /** Adds a person. A login that is taken gets a number behind it. */
  add(member: { id: string; login: string; name: string; role: Role }): Promise<Member>;
  /** Ends every way in that the person has, open invites of their logins too, and keeps what they did. The owner stays. */
  remove(userId: string): Promise<boolean>;
  /** When the owner first signed in; null while nobody has. */
  claimedAt(): Promise<string | null>;
  /** Notes that the owner has signed in. @returns whether it was the first time */
  claim(): Promise<boolean>;
}

/** A device or program that is signed in: a browser's session, or the grant of an app or a command line. */
export interface SignedIn {
  id: string;
  userId: string;
  kind: "browser" | "app" | "cli";
  /** What it calls itself. */
  label: string;
  address: string | null;
  createdAt: string;
  usedAt: string;
  expiresAt: string;
}

/** A grant and the refresh token that it was found by. */
export interface GrantOfToken {
  grantId: string | null;
  userId: string;
  /** Another token has taken its place, and the time to repeat that is over. */
  isUsedUp: boolean;
}

export interface SessionStore {
  /** Those that still hold, the newest first. */
  list(userId: string): Promise<SignedIn[]>;
  get(id: string): Promise<SignedIn | null>;
  /** @returns whether there was one of this user's */
  revoke(userId: string, id: string): Promise<boolean>;
  /** Adds the grant and ties the refresh token to it, and with it every token that follows. */
  addGrant(
    grant: Omit<SignedIn, "kind" | "usedAt"> & { clientId: string },
    refreshTokenHash: string,
  ): Promise<void>;
  grantOf(refreshTokenHash: string): Promise<GrantOfToken | null>;
  grantUsed(id: string): Promise<void>;
  /** Removes what has expired, and grants whose tokens were taken back. */
  sweep(): Promise<void>;
}

/** `setup` makes the owner; `sign_in` lets in another device of somebody who is signed in. */
export type LinkKind = "setup" | "sign_in";

/** Links that work once. Only the hashes of their tokens are kept. */
export interface LinkStore {
  add(link: { kind: LinkKind; userId: string; tokenHash: string; expiresAt: string }): Promise<void>;
  isGood(kind: LinkKind, tokenHash: string): Promise<boolean>;
  /** Uses the link up. @returns whom it signs in; null when it was used, has expired or never was */
  take(kind: LinkKind, tokenHash: string): Promise<string | null>;
  /** Takes back all of a kind: of one person, or of everybody. */
  clear(kind: LinkKind, userId?: string): Promise<void>;
}

/** Somebody who may join: by their login at a provider, or whoever holds the link. */
export interface Invite {
  id: string;
  provider: string | null;
  login: string | null;
  createdAt: string;
  expiresAt: string;
}

export interface InviteStore {
  /** One for a login takes the place of the one that was open for the same login. */
  add(invite: Omit<Invite, "createdAt"> & { tokenHash: string | null; madeBy: string }): Promise<Invite>;
  list(): Promise<Invite[]>;
  remove(id: string): Promise<boolean>;
  isGood(tokenHash: string): Promise<boolean>;
  /** Uses up the invite of this link, or of this login. @returns null when there is none that holds */
  take(by: { tokenHash: string } | { provider: string; login: string }): Promise<Invite | null>;
}

/** An account at a provider by which a person signs in. */
export interface LinkedAccount {
  provider: string;
  linkedAt: string;
}

export interface AccountStore {
  /** The oldest first. */
  list(userId: string): Promise<LinkedAccount[]>;
  /**
   * Takes the provider's account away from the person.
   *
   * @param mayBeLast whether they have another way in even when no account is left
   * @returns false where there is none, or it is the last
   */
  remove(userId: string, provider: string, mayBeLast: boolean): Promise<boolean>;
}

/** What a browser sends along with every request. */
export interface Browser {
  headers: Headers;
  peer: Peer;
}

/** Where the browser goes next, and the `set-cookie` headers to send with that. */
export interface Step {
  location: string;
  cookies: string[];
}

/** Who signs in at which door. `auth/` implements it; `http/` serves its pages. */
export interface SignIn {
  /** The server's own address, as people and links use it. */
  url(): string;
  /** Where one can sign in, with the names that people know. */
  readonly providers: readonly { id: string; name: string }[];
  /** How the command line is called on the server's own machine. */
  readonly commandLine: string;
  /** Answers the addresses below `/api/auth`: OAuth's own, for apps, command lines and providers that send people back. */
  answer(request: Request, peer: Peer): Promise<Response>;
  /** Begins to sign in with a provider. @param next a path of this server's */
  begin(provider: string, next: string, browser: Browser): Promise<Step>;
  /** Begins to add a provider to the account of whoever is signed in. */
  link(provider: string, next: string, browser: Browser): Promise<Step>;
  /** Whether the link could still be used. One that could not is noted as a failed sign-in, here and below. */
  isGoodLink(kind: LinkKind | "invite", token: string, peer: Peer): Promise<boolean>;
  /** Uses up a link. @param next a path of this server's @returns null when it is none any more */
  open(kind: LinkKind, token: string, browser: Browser, next: string): Promise<Step | null>;
  /** Keeps the invite with the browser while its person signs in with a provider. @returns null when it is none */
  accept(token: string, peer: Peer): Promise<Step | null>;
  /** Joins by an invite, on a server where there is no provider to sign in with. @returns null when it is none */
  join(token: string, name: string, browser: Browser): Promise<Step | null>;
  signOut(browser: Browser): Promise<Step>;
  /** Lets in, or turns away, the command line that shows this code. @returns a sentence when the code is not good */
  decideDevice(code: string, isApproved: boolean, browser: Browser): Promise<string | null>;
  /** Lets in, or turns away, the app that has asked with these parameters. @returns its address to go back to */
  decideApp(query: string, isApproved: boolean, browser: Browser): Promise<string>;
  /** A link by which another device of the user's is signed in. */
  makeLink(userId: string): Promise<{ url: string; expiresAt: string }>;
  /** A link that the owner sends to a member who has no other way in. Links that they had are taken back. */
  makeMemberLink(userId: string): Promise<{ url: string; expiresAt: string }>;
  /** Null where the owner has signed in before. Links that were made before are taken back. */
  makeSetupLink(): Promise<string | null>;
  invite(
    by: string,
    whom: { provider: string; login: string } | null,
  ): Promise<Invite & { url: string | null }>;
}
