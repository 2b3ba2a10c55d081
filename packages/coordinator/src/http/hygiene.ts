import type { MiddlewareHandler } from "hono";
import type { ApiEnvironment } from "./context.ts";

/** For answers that are no pages: should a browser be brought to show one, nothing in it runs, loads or is framed. */
export const API_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** For pages: all comes from this server in files of its own, nothing is written inline, nobody frames them. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** What a page may ask its person for. */
const PERMISSIONS = "camera=(self), geolocation=(), microphone=()";

/** A year, as browsers ask for. Subdomains may be other people's servers. */
const HSTS = "max-age=31536000";

/** The headers that every answer has. A route that sets its own policies keeps them. */
export function securityHeaders(): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    if (!headers.has("content-security-policy")) {
      const isPage = headers.get("content-type")?.startsWith("text/html") ?? false;
      headers.set("content-security-policy", isPage ? PAGE_POLICY : API_POLICY);
    }
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    // A page with a form says another one: under this a browser would send its form without an origin.
    if (!headers.has("referrer-policy")) headers.set("referrer-policy", "no-referrer");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    if (!headers.has("permissions-policy")) headers.set("permissions-policy", PERMISSIONS);
    // What a signed-in user has read is not for the next one at the same machine, nor for a proxy on the way.
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    if (c.get("isTls")) headers.set("strict-transport-security", HSTS);
  };
}
