import { createOriginPolicy, type OriginPolicy } from "./origin.ts";
import { type Caller, createCallerReader } from "./peer.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limit.ts";
import { isSignIn } from "./sign-in-paths.ts";

/** What every request passes first, whatever it wants. */
export interface Door {
  origins: OriginPolicy;
  rateLimiter: RateLimiter;
  callerOf: (socketAddress: string | null, headers: Headers) => Caller;
  /** Why a connection that has gone around the proxy may not be served; null when it may. */
  refuseDirect(caller: Caller): Response | null;
  /** Why this WebSocket may not be opened; null when it may. */
  refuseSocket(caller: Caller, headers: Headers): Response | null;
}

export function createDoor(config: {
  publicUrl: string | null;
  trustedProxies: readonly string[];
  corsOrigins: readonly string[];
  /** The person has said that plain HTTP may leave this machine. */
  allowPlainHttp: boolean;
}): Door {
  const origins = createOriginPolicy({ listed: config.corsOrigins, publicUrl: config.publicUrl });
  const rateLimiter = createRateLimiter({ isSignIn });
  return {
    origins,
    rateLimiter,
    callerOf: createCallerReader(config),
    refuseDirect({ isDirect }) {
      const isBehindTls = config.publicUrl?.startsWith("https:") ?? false;
      if (!isDirect || !isBehindTls || config.allowPlainHttp) return null;
      return new Response(
        `This port speaks plain HTTP and is for the proxy alone: use ${config.publicUrl}\n`,
        {
          status: 403,
          headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
        },
      );
    },
    refuseSocket({ peer }, headers) {
      // A browser sends cookies with a WebSocket of any page, and asks nobody before.
      if (!origins.allows(headers))
        return new Response("Pages of this origin may not connect.\n", { status: 403 });
      const wait = Math.ceil(rateLimiter.connect(peer));
      if (wait === 0) return null;
      return new Response("There were too many connections from you in a short time.\n", {
        status: 429,
        headers: { "retry-after": String(wait) },
      });
    },
  };
}
