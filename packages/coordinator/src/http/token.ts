import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { sendProblem } from "./problem.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets through whoever is signed in: by `authorization: Bearer <token>`, or by the cookie of a browser.
 *
 * A browser sends its cookie whoever has written the page, so a change by cookie needs the word of the browser itself
 * that the page is one of ours. That an origin which is named is a good one has been seen to before.
 */
export function requireToken(context: Pick<ApiContext, "authenticator">): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const { headers } = c.req.raw;
    const identity = await context.authenticator.identify(headers, c.get("peer"));
    if (!identity) {
      c.header("www-authenticate", 'Bearer realm="farhand"');
      const isTokenGiven = headers.has("authorization") || headers.has("cookie");
      return sendProblem(c, {
        code: "unauthorized",
        detail: isTokenGiven ? "This sign-in is not good here, or has ended." : "You are not signed in.",
        action:
          "Sign in with `farhand login`. On the server's own machine the token in the file owner.token of the data folder is good too, as `authorization: Bearer …`.",
      });
    }
    if (identity.via === "cookie" && !SAFE_METHODS.has(c.req.method) && !headers.has("origin"))
      return sendProblem(c, {
        code: "origin_refused",
        detail: "A change by cookie must come from a page of this server.",
        action: "Send the header `origin`, or sign in with a token.",
      });
    c.set("userId", identity.userId);
    c.set("identity", identity);
    await next();
    return undefined;
  };
}
