import type { Context, MiddlewareHandler } from "hono";
import type { Authenticator, Peer } from "../domain/identity.ts";
import { placeOf } from "../domain/place.ts";
import type { ApiEnvironment } from "./context.ts";
import { sendProblem } from "./problem.ts";
import { createTokenBuckets, type Rate, type TokenBuckets } from "./token-bucket.ts";

export interface RateLimits {
  /** Signing in, by address. */
  signIn: Rate;
  /**
   * Requests that were refused for want of a valid sign-in, by address: what guessing looks like. Requests with a valid one
   * pass all the same: an office behind one address must not be locked out by one machine in it. Tokens are too long to be
   * found by trying; the rate bounds what trying costs and shows.
   */
  refused: Rate;
  /** Changes, by user. */
  changes: Rate;
  /** Changes, by address: a household or an office behind one may have several users. */
  changesOfAddress: Rate;
  /** New WebSocket connections, by address: each takes memory before anybody has said who they are. */
  connections: Rate;
}

export const RATE_LIMITS: RateLimits = {
  signIn: { burst: 60, perSecond: 0.5 },
  refused: { burst: 30, perSecond: 0.5 },
  changes: { burst: 120, perSecond: 2 },
  changesOfAddress: { burst: 240, perSecond: 4 },
  connections: { burst: 60, perSecond: 1 },
};

export interface RateLimiter {
  /** Before anything is known of who asks: signing in, and addresses that guess. */
  byAddress: MiddlewareHandler<ApiEnvironment>;
  /** Once it is known who asks. */
  byUser: MiddlewareHandler<ApiEnvironment>;
  /** Seconds that an address has to wait before it may open another WebSocket; 0 when it may. */
  connect(peer: Peer): number;
  /** Counts failures of those who say who they are by other ways than HTTP among the same. */
  guard(authenticator: Authenticator): Authenticator;
}

const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * Rates for strangers and for users. The machine's own command line is not limited: whoever has the local token owns
 * the machine, and it is taken only from the machine itself.
 *
 * @param isSignIn whether a request is part of signing in, by method and path
 */
export function createRateLimiter(options: {
  limits?: RateLimits;
  isSignIn: (method: string, path: string) => boolean;
  now?: () => number;
}): RateLimiter {
  const limits = options.limits ?? RATE_LIMITS;
  const make = (rate: Rate) => createTokenBuckets(rate, options.now ? { now: options.now } : {});
  const signIn = make(limits.signIn);
  const refused = make(limits.refused);
  const changes = make(limits.changes);
  const changesOfAddress = make(limits.changesOfAddress);
  const connections = make(limits.connections);

  return {
    async byAddress(c, next) {
      const place = placeOf(c.get("peer").address);
      if (options.isSignIn(c.req.method, c.req.path)) {
        const wait = signIn.take(place);
        if (wait > 0) return tooMany(c, wait);
      }
      await next();
      if (c.res.status !== 401) return undefined;
      // Only who fails is held back: others behind the same address may have a valid sign-in.
      const guessing = refused.take(place);
      if (guessing > 0) {
        const answer = tooMany(c, guessing);
        // It begins with the headers of the answer that it takes the place of.
        answer.headers.delete("www-authenticate");
        c.res = undefined;
        c.res = answer;
      }
      return undefined;
    },

    async byUser(c, next) {
      if (!CHANGING.has(c.req.method) || c.get("identity")?.via === "local") return next();
      const wait = takeBoth([changes, c.get("userId")], [changesOfAddress, placeOf(c.get("peer").address)]);
      return wait > 0 ? tooMany(c, wait) : next();
    },

    connect: (peer) => (peer.isLoopback ? 0 : connections.take(placeOf(peer.address))),

    guard: (authenticator) => ({
      ...authenticator,
      async identifyToken(token, peer) {
        const identity = await authenticator.identifyToken(token, peer);
        if (identity === null) refused.take(placeOf(peer.address));
        return identity;
      },
    }),
  };
}

/** Takes from neither where one is empty. */
function takeBoth(...pairs: [TokenBuckets, string][]): number {
  const wait = Math.max(...pairs.map(([buckets, key]) => buckets.wait(key)));
  if (wait > 0) return wait;
  for (const [buckets, key] of pairs) buckets.take(key);
  return 0;
}

function tooMany(c: Context<ApiEnvironment>, seconds: number): Response {
  const wait = Math.max(1, Math.ceil(seconds));
  c.header("retry-after", String(wait));
  return sendProblem(c, {
    code: "rate_limited",
    detail: "There were too many requests of this kind from you in a short time.",
    action: wait === 1 ? "Try again in a second." : `Try again in ${wait} seconds.`,
  });
}
