import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { sendProblem } from "./problem.ts";

/** Lets through requests with `authorization: Bearer <token>` of a known user. */
export function requireToken(context: ApiContext): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const token = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const user = token ? await context.users.byToken(token) : null;
    if (!user) {
      c.header("www-authenticate", 'Bearer realm="farhand"');
      return sendProblem(c, {
        code: "unauthorized",
        detail: token ? "The token is not known here." : "The request has no token.",
        action:
          "Send the owner's token (the file owner.token in the data folder) as `authorization: Bearer …`.",
      });
    }
    c.set("userId", user.id);
    await next();
    return undefined;
  };
}
