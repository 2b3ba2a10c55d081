import type { Authenticator, Identity, Peer } from "../domain/identity.ts";
import type { MemberStore, SessionStore } from "../domain/sign-in.ts";
import type { UserStore } from "../domain/store.ts";
import type { AccessTokenReader } from "./access-token.ts";

export interface AuthenticatorOptions {
  /** Told of each token that opened nothing. */
  onFailed: (what: string, address: string | null) => Promise<void>;
  users: UserStore;
  members: MemberStore;
  sessions: SessionStore;
  accessTokens: AccessTokenReader;
  /** The session of the browser's cookie; null for none that holds. */
  cookieSession: (headers: Headers) => Promise<{ id: string; userId: string } | null>;
}

/** What the token of the machine's own command line begins with. */
const LOCAL_PREFIX = "fho_";

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { users, members, sessions } = options;

  /** Whoever was removed since has no way in, whatever they hold. */
  async function identityOf(
    userId: string,
    sessionId: string | null,
    via: Identity["via"],
  ): Promise<Identity | null> {
    const member = await members.get(userId);
    return member && { userId, role: member.role, sessionId, via };
  }

  async function identifyToken(token: string, peer: Peer): Promise<Identity | null> {
    const identity = await ownerOfToken(token, peer);
    // A WebSocket whose sign-in is the browser's cookie names no token.
    if (identity === null && token !== "")
      await options.onFailed(token.startsWith(LOCAL_PREFIX) ? "local token" : "access token", peer.address);
    return identity;
  }

  async function ownerOfToken(token: string, peer: Peer): Promise<Identity | null> {
    if (token.startsWith(LOCAL_PREFIX)) {
      // It never expires, so it opens nothing from elsewhere: not through a proxy, and not over a network.
      const user = peer.isLoopback ? await users.byToken(token) : null;
      return user && identityOf(user.id, null, "local");
    }
    const read = await options.accessTokens.read(token);
    if (!read) return null;
    const session = await sessions.get(read.grantId);
    return session?.userId === read.userId ? identityOf(read.userId, session.id, "bearer") : null;
  }

  return {
    identifyToken,

    async identify(headers, peer) {
      const authorization = headers.get("authorization");
      if (authorization !== null) {
        const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
        // Whoever names a token means it: a cookie that happens to be there does not help out.
        if (token) return identifyToken(token, peer);
        await options.onFailed("access token", peer.address);
        return null;
      }
      if (!headers.has("cookie")) return null;
      const session = await options.cookieSession(headers);
      return session && identityOf(session.userId, session.id, "cookie");
    },

    async isValid({ userId, role, sessionId }) {
      const member = await members.get(userId);
      if (member?.role !== role) return false;
      return sessionId === null || (await sessions.get(sessionId))?.userId === userId;
    },
  };
}
