import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import type { ApiEnvironment } from "./context.ts";
import { sendProblem } from "./problem.ts";

/** Decides which web pages may talk to this server. */
export interface OriginPolicy {
  /**
   * Whether a request with these headers comes from a page of this server or of a listed origin, or from no page at
   * all: programs send no `Origin`.
   */
  allows(headers: Headers): boolean;
  /** Whether the origin is on the list, word for word. */
  isListed(origin: string): boolean;
}

/** @param options.listed origins such as `https://app.example.com`, without a path */
export function createOriginPolicy(options: {
  listed: readonly string[];
  publicUrl: string | null;
}): OriginPolicy {
  const listed = new Set(options.listed);
  const own = options.publicUrl === null ? null : new URL(options.publicUrl).origin;
  return {
    isListed: (origin) => listed.has(origin),
    allows(headers) {
      const origin = headers.get("origin");
      if (origin === null || listed.has(origin) || origin === own) return true;
      const host = headers.get("host");
      return (
        host !== null && isOwnHost(host) && (origin === `http://${host}` || origin === `https://${host}`)
      );
    },
  };
}

/**
 * Names that no stranger can point at this machine. Any other name in `Host` proves nothing: a page can have its own
 * name resolved to our address, and would then pass for one of ours.
 */
function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "localhost" || isIP(name) !== 0;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what a page of another origin asks for, and answers the pre-flight questions of listed ones. Only they may
 * read answers and send cookies; everybody else's browser gets no CORS header at all.
 */
export function checkOrigin(policy: OriginPolicy): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const origin = c.req.header("origin");
    const isListed = origin !== undefined && policy.isListed(origin);
    // Caches must not give one origin's answer to another.
    c.header("vary", "Origin", { append: true });
    if (isListed) {
      c.header("access-control-allow-origin", origin);
      c.header("access-control-allow-credentials", "true");
      c.header("access-control-expose-headers", "x-request-id, retry-after, idempotency-replayed");
    }
    if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
      if (isListed) {
        c.header("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
        c.header("access-control-allow-headers", "authorization, content-type, idempotency-key");
        c.header("access-control-max-age", "600");
      }
      return c.body(null, 204);
    }
    if (!SAFE_METHODS.has(c.req.method) && !policy.allows(c.req.raw.headers)) return sendProblem(c, foreign);
    await next();
    return undefined;
  };
}

const foreign = {
  code: "origin_refused",
  detail: "This request comes from a web page of another origin.",
  action: "Use the server's own address, or have its owner add the page's origin to FARHAND_CORS_ORIGINS.",
} as const;
