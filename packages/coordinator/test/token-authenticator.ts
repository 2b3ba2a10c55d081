import type { Authenticator, Identity } from "../src/domain/identity.ts";
import type { UserStore } from "../src/domain/store.ts";

/** Takes users' tokens from anywhere, for tests of what stands behind signing in. */
export function tokenAuthenticator(users: UserStore): Authenticator {
  async function identifyToken(token: string): Promise<Identity | null> {
    const user = await users.byToken(token);
    if (!user) return null;
    const isOwner = user.id === "u_owner";
    return {
      userId: user.id,
      role: isOwner ? "owner" : "member",
      sessionId: null,
      via: isOwner ? "local" : "bearer",
    };
  }
  return {
    identifyToken,
    async identify(headers) {
      const token = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
      return token ? identifyToken(token) : null;
    },
    isValid: async () => true,
  };
}
