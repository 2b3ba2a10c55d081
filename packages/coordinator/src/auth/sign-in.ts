import type { AuditLog } from "../domain/audit.ts";
import { failure } from "../domain/failure.ts";
import type { Authenticator, Peer } from "../domain/identity.ts";
import type { Clock } from "../domain/ports.ts";
import type {
  Browser,
  InviteStore,
  LinkKind,
  LinkStore,
  MemberStore,
  SessionStore,
  SignIn,
  Step,
} from "../domain/sign-in.ts";
import type { UserStore } from "../domain/store.ts";
import { createAccessTokenReader } from "./access-token.ts";
import { createAuthenticator } from "./authenticator.ts";
import { createFailedSignIns } from "./failed-sign-ins.ts";
import { createInvitations } from "./invitations.ts";
import { ADDRESS_HEADER, BASE_PATH, type LibraryOptions } from "./library.ts";
import { createLibraryKeeper } from "./library-keeper.ts";
import { createOAuthAddresses } from "./oauth-addresses.ts";
import { ACCOUNT_PAGE, ownPath } from "./own-path.ts";
import { createProviderVisits } from "./provider-visits.ts";
import { type ProviderSettings, providerNames } from "./providers.ts";
import { createTokenEndpoint } from "./token-endpoint.ts";
import {
  hashOf,
  MEMBER_LINK_SECONDS,
  newToken,
  REFRESH_REPEAT_SECONDS,
  SETUP_LINK_SECONDS,
  SIGN_IN_LINK_SECONDS,
} from "./tokens.ts";

export interface SignInOptions {
  authDatabase: LibraryOptions["database"];
  forgetSigningKeys: () => Promise<void>;
  users: UserStore;
  members: MemberStore;
  sessions: SessionStore;
  links: LinkStore;
  invites: InviteStore;
  audit: AuditLog;
  clock: Clock;
  providers: ProviderSettings;
  /** Follows from the master key. */
  secret: Uint8Array;
  /** Where people go once they are signed in; {@link ACCOUNT_PAGE} unless given. */
  home?: string;
  /** The server's own address. Asked only once the server listens. */
  url: () => string;
  newId: (prefix: string) => string;
  log: (level: string, message: string) => void;
  onError: (error: unknown) => void;
  /** {@link REFRESH_REPEAT_SECONDS} unless given. */
  refreshRepeatSeconds?: number;
  /** `farhand` unless given. */
  commandLine?: string;
  /** How often a command line may ask whether its code was approved; 5 unless given. */
  devicePollSeconds?: number;
}

const OWNER = "u_owner";
const INVITE_COOKIE = "farhand-invite";
const INVITE_COOKIE_SECONDS = 10 * 60;
const SWEEP_MS = 60 * 60_000;
const FLUSH_MS = 60_000;
const LINK_WORDS = { setup: "setup link", sign_in: "sign-in link", invite: "invite link" } as const;

/** Everything that has to do with signing in, over better-auth. */
export function createSignIn(
  options: SignInOptions,
): { signIn: SignIn; authenticator: Authenticator } & AsyncDisposable {
  const { members, sessions, links, audit, clock, newId, url } = options;
  const providers = providerNames(options.providers);
  const home = options.home ?? ACCOUNT_PAGE;
  const invitations = createInvitations(options);
  const failed = createFailedSignIns(options);
  const visits = createProviderVisits();
  const keeper = createLibraryKeeper(
    options.providers,
    () => ({
      database: options.authDatabase,
      secret: Buffer.from(options.secret).toString("base64url"),
      baseUrl: new URL(url()).origin,
      refreshRepeatSeconds: options.refreshRepeatSeconds ?? REFRESH_REPEAT_SECONDS,
      devicePollSeconds: options.devicePollSeconds ?? 5,
      newId,
      currentGrant: () => tokens.currentGrant(),
      admit({ headers, ...person }) {
        visits.noteArrival();
        return invitations.admit({
          ...person,
          inviteToken: cookieOf(headers, INVITE_COOKIE),
          address: headers?.get(ADDRESS_HEADER) ?? null,
        });
      },
      onProfile: visits.noteLogin,
      async onAccount({ userId, provider }) {
        const visit = visits.current();
        if (!visit || visit.isArrival) return;
        const { login, address } = visit;
        await audit.record({
          userId,
          action: "account.linked",
          subject: `${provider}:${login}`,
          address,
          detail: "",
        });
        // Whoever has that login is in, and needs no invite any more.
        await options.invites.take({ provider, login });
      },
      async onSession({ id, userId, address }) {
        await audit.record({ userId, action: "sign_in.succeeded", subject: id, address, detail: "browser" });
        if (userId === OWNER && (await members.claim()))
          await audit.record({ userId, action: "owner.claimed", subject: id, address, detail: "" });
      },
      log: options.log,
    }),
    options.forgetSigningKeys,
  );
  const tokens = createTokenEndpoint({
    ...options,
    onFailed: failed.note,
    pass: async (request) => (await keeper.library()).handler(request),
  });
  const answer = createOAuthAddresses({ keeper, tokens, visits, providers: providers.map(({ id }) => id) });
  const authenticator = createAuthenticator({
    ...options,
    onFailed: failed.note,
    accessTokens: createAccessTokenReader({
      keys: async () => (await keeper.library()).api.getJwks(),
      issuer: () => new URL(url()).origin,
      now: () => clock.now(),
    }),
    async cookieSession(headers) {
      const found = await (await keeper.library()).api.getSession({ headers });
      return found && { id: found.session.id, userId: found.user.id };
    },
  });
  const sweeper = setInterval(() => void sessions.sweep().catch(options.onError), SWEEP_MS);
  sweeper.unref();
  const flusher = setInterval(() => void failed.flush().catch(options.onError), FLUSH_MS);
  flusher.unref();

  async function openSession(userId: string, browser: Browser, next?: string): Promise<Step | null> {
    const library = await keeper.library();
    const opened = await library.api.openSession({
      body: { userId },
      headers: headersOf(browser),
      asResponse: true,
    });
    return opened.ok ? stepOf(opened, ownPath(next, home)) : null;
  }

  async function goToProvider(
    kind: "signIn" | "link",
    provider: string,
    next: string,
    browser: Browser,
  ): Promise<Step> {
    const isKnown = providers.some(({ id }) => id === provider);
    const library = isKnown ? await keeper.withProvider(provider) : null;
    if (!library)
      throw failure(
        "not_ready",
        "This way to sign in is not there, or does not answer at present.",
        "Choose another one, or try again in a while.",
      );
    const path = ownPath(next, home);
    const request = {
      body: {
        provider,
        callbackURL: path,
        errorCallbackURL: `/sign-in?next=${encodeURIComponent(path)}`,
        disableRedirect: true,
      },
      headers: headersOf(browser),
      asResponse: true as const,
    };
    const { api } = library;
    const begun = await (kind === "signIn" ? api.signInSocial(request) : api.linkSocialAccount(request));
    const body: unknown = await begun.json();
    if (!begun.ok || typeof body !== "object" || body === null || !("url" in body))
      throw failure("unauthorized", "This sign-in could not begin.", "Sign in, and try again.");
    return stepOf(begun, String(body.url));
  }

  const signIn: SignIn = {
    url,
    providers,
    commandLine: options.commandLine ?? "farhand",
    answer,
    begin: (provider, next, browser) => goToProvider("signIn", provider, next, browser),
    link: (provider, next, browser) => goToProvider("link", provider, next, browser),

    isGoodLink,

    async open(kind, token, browser, next) {
      const userId = await links.take(kind, hashOf(token));
      if (userId !== null) return openSession(userId, browser, next);
      await failed.note(LINK_WORDS[kind], browser.peer.address);
      return null;
    },

    async accept(token, peer) {
      if (!(await isGoodLink("invite", token, peer))) return null;
      const attributes = `HttpOnly; SameSite=Lax; Path=${BASE_PATH}/callback; Max-Age=${INVITE_COOKIE_SECONDS}`;
      const secure = url().startsWith("https:") ? "; Secure" : "";
      return {
        location: "/sign-in?invited=1",
        cookies: [`${INVITE_COOKIE}=${token}; ${attributes}${secure}`],
      };
    },

    async join(token, name, browser) {
      const member = await invitations.join(token, name, browser.peer.address);
      if (!member) {
        await failed.note(LINK_WORDS.invite, browser.peer.address);
        return null;
      }
      const { adapter } = await (await keeper.library()).$context;
      const now = new Date();
      await adapter.create({
        model: "user",
        data: {
          id: member.id,
          name,
          email: `${member.id}@users.invalid`,
          emailVerified: true,
          createdAt: now,
          updatedAt: now,
        },
        forceAllowId: true,
      });
      return openSession(member.id, browser);
    },

    async signOut(browser) {
      const library = await keeper.library();
      const ended = await library.api.signOut({ headers: headersOf(browser), asResponse: true });
      return stepOf(ended, "/sign-in");
    },

    async decideDevice(code, isApproved, browser) {
      const { api } = await keeper.library();
      const headers = headersOf(browser);
      try {
        await api.deviceVerify({ query: { user_code: code }, headers });
        const body = { userCode: code };
        await (isApproved ? api.deviceApprove({ body, headers }) : api.deviceDeny({ body, headers }));
        return null;
      } catch (error) {
        if (!(error instanceof Error && error.name === "APIError")) throw error;
        return "This code is not known. It may have expired, or have been used: begin again in the terminal.";
      }
    },

    async decideApp(query, isApproved, browser) {
      const library = await keeper.library();
      const origin = new URL(url()).origin;
      const decided = await library.handler(
        new Request(`${origin}${BASE_PATH}/oauth2/consent`, {
          method: "POST",
          headers: {
            cookie: browser.headers.get("cookie") ?? "",
            origin,
            "content-type": "application/json",
            accept: "application/json",
          },
          body: JSON.stringify({ accept: isApproved, oauth_query: query }),
        }),
      );
      const body: unknown = decided.ok ? await decided.json() : null;
      if (typeof body !== "object" || body === null || !("url" in body) || typeof body.url !== "string")
        throw failure(
          "unauthorized",
          "This request of an app is not good, or it is too old.",
          "Begin again in the app.",
        );
      return body.url;
    },

    makeLink: (userId) => makeLink(userId, SIGN_IN_LINK_SECONDS),

    async makeMemberLink(userId) {
      await links.clear("sign_in", userId);
      return makeLink(userId, MEMBER_LINK_SECONDS);
    },

    async makeSetupLink() {
      await links.clear("setup");
      if ((await members.claimedAt()) !== null) return null;
      const token = newToken();
      await links.add({
        kind: "setup",
        userId: OWNER,
        tokenHash: hashOf(token),
        expiresAt: later(SETUP_LINK_SECONDS),
      });
      return `${url()}/setup?token=${token}`;
    },

    async invite(by, whom) {
      const { invite, token } = await invitations.make(by, whom);
      return { ...invite, url: token && `${url()}/invite?token=${token}` };
    },
  };

  async function isGoodLink(kind: LinkKind | "invite", token: string, peer: Peer): Promise<boolean> {
    const hash = hashOf(token);
    const isGood = await (kind === "invite" ? options.invites.isGood(hash) : links.isGood(kind, hash));
    if (!isGood) await failed.note(LINK_WORDS[kind], peer.address);
    return isGood;
  }

  async function makeLink(userId: string, seconds: number) {
    const token = newToken();
    const expiresAt = later(seconds);
    await links.add({ kind: "sign_in", userId, tokenHash: hashOf(token), expiresAt });
    return { url: `${url()}/link?token=${token}`, expiresAt };
  }

  const later = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000).toISOString();

  return {
    signIn,
    authenticator,
    async [Symbol.asyncDispose]() {
      clearInterval(sweeper);
      clearInterval(flusher);
      await failed.flush(true);
    },
  };
}

/** What the browser sent, and besides the address that our own server has seen, whatever the browser says of it. */
function headersOf({ headers, peer }: { headers: Headers; peer: Peer }): Headers {
  const copy = new Headers(headers);
  copy.delete(ADDRESS_HEADER);
  if (peer.address !== null) copy.set(ADDRESS_HEADER, peer.address);
  return copy;
}

const stepOf = (response: Response, location: string): Step => ({
  location,
  cookies: response.headers.getSetCookie(),
});

function cookieOf(headers: Headers | null, name: string): string | null {
  const pairs = (headers?.get("cookie") ?? "").split(/; */);
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  // Ours have no other characters.
  return value !== undefined && /^[\w-]+$/.test(value) ? value : null;
}
