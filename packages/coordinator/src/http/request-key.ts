import { createHash } from "node:crypto";
import { IDEMPOTENCY_HEADER, REPLAYED_HEADER } from "@farhand/protocol";
import type { MiddlewareHandler } from "hono";
import { failure } from "../domain/failure.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";

const KEY = /^[\x21-\x7e]{1,200}$/;
const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * Gives a change that is asked for again under the same `idempotency-key` the same answer, and does it once. Repeats
 * that come while the first is still being answered wait for it. Answers of 500 and above are not kept: asked again,
 * the change is tried again.
 */
export function repeatable(context: ApiContext): MiddlewareHandler<ApiEnvironment> {
  const underWay = new Map<string, Promise<void>>();
  return async (c, next) => {
    const key = c.req.header(IDEMPOTENCY_HEADER);
    c.set("requestKey", null);
    if (key === undefined || !CHANGING.has(c.req.method)) return next();
    if (!KEY.test(key))
      throw failure(
        "invalid_request",
        `${IDEMPOTENCY_HEADER}: a key has 1 to 200 visible ASCII characters.`,
        "Send a random UUID as the key of each change.",
      );
    const userId = c.get("userId");
    const place = `${userId} ${key}`;
    while (underWay.has(place)) await underWay.get(place);
    const mine = Promise.withResolvers<void>();
    underWay.set(place, mine.promise);
    try {
      const { pathname, search } = new URL(c.req.url);
      const requestHash = createHash("sha256")
        .update(`${c.req.method} ${pathname}${search}\n${await c.req.text()}`)
        .digest("hex");
      const known = await context.requests.find(userId, key);
      if (known) {
        if (known.requestHash !== requestHash) throw otherRequest();
        return new Response(known.body === "" ? null : known.body, {
          status: known.status,
          headers: { "content-type": known.contentType, [REPLAYED_HEADER]: "true" },
        });
      }
      c.set("requestKey", key);
      await next();
      if (c.res.status < 500)
        await context.requests.save(userId, key, {
          requestHash,
          status: c.res.status,
          contentType: c.res.headers.get("content-type") ?? "",
          body: await c.res.clone().text(),
        });
      return undefined;
    } finally {
      underWay.delete(place);
      mine.resolve();
    }
  };
}

function otherRequest() {
  return failure(
    "idempotency_conflict",
    "This key was used for another request.",
    "Use a new key for each change, and the same key only to repeat the very same request.",
  );
}
