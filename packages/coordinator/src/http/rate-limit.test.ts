import { describe, expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { OWNER, openStores } from "../../test/stores.ts";
import type { Authenticator } from "../domain/identity.ts";
import { placeOf } from "../domain/place.ts";
import { createRateLimiter, RATE_LIMITS } from "./rate-limit.ts";
import { isSignIn } from "./sign-in-paths.ts";

const MEMBER = { id: "u_member", login: "member", token: "fho_member-token-for-tests" };

async function openLimited() {
  const stores = await openStores();
  await stores.users.setOwner(MEMBER);
  const clock = { ms: 0 };
  const rateLimiter = createRateLimiter({ isSignIn, now: () => clock.ms });
  const app = appOver(stores, { rateLimiter });
  const ask = (method: string, path: string, token: string | null, address: string) =>
    app.request(
      `/api${path}`,
      {
        method,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(method === "GET" ? {} : { "content-type": "application/json" }),
        },
        ...(method === "GET" ? {} : { body: "{}" }),
      },
      { peer: { address, isLoopback: false } },
    );
  const count = async (times: number, one: () => Response | Promise<Response>) => {
    const seen: Record<number, number> = {};
    for (let number = 0; number < times; number += 1) {
      const { status } = await one();
      seen[status] = (seen[status] ?? 0) + 1;
    }
    return seen;
  };
  return { ask, count, clock, rateLimiter };
}

describe("rates", () => {
  test("hold back an address that guesses tokens, and say when it may go on", async () => {
    const { ask, count, clock } = await openLimited();
    const guess = () => ask("GET", "/tasks", `fho_${crypto.randomUUID()}`, "203.0.113.9");
    const { burst } = RATE_LIMITS.refused;
    expect(await count(burst + 20, guess)).toEqual({ 401: burst, 429: 20 });
    const refused = await guess();
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(Problem.parse(await refused.json())).toMatchObject({
      code: "rate_limited",
      action: "Try again in 2 seconds.",
    });
    expect(refused.headers.get("www-authenticate")).toBeNull();
    clock.ms += 2000;
    expect((await guess()).status).toBe(401);
  });

  test("lock nobody out who has signed in behind the same address", async () => {
    const { ask, count } = await openLimited();
    const guess = () => ask("GET", "/tasks", `fho_${crypto.randomUUID()}`, "203.0.113.9");
    const { burst } = RATE_LIMITS.refused;
    expect(await count(burst + 1, guess)).toEqual({ 401: burst, 429: 1 });
    const mine = () => ask("GET", "/tasks", MEMBER.token, "203.0.113.9");
    expect(await count(burst + 1, mine)).toEqual({ 200: burst + 1 });
    // And they do not lift what holds the other back.
    expect((await guess()).status).toBe(429);
  });

  test("hold back sign-in from one address, and from no other", async () => {
    const { ask, count } = await openLimited();
    const { burst } = RATE_LIMITS.signIn;
    const seen = await count(burst + 10, () => ask("POST", "/auth/sign-in/anything", null, "203.0.113.9"));
    expect(seen[429]).toBe(10);
    expect((await ask("POST", "/auth/sign-in/anything", null, "198.51.100.7")).status).not.toBe(429);
  });

  test("hold back a user's changes from wherever they come, and not what they read", async () => {
    const { ask, count } = await openLimited();
    let host = 0;
    const change = () => ask("PATCH", "/settings", MEMBER.token, `203.0.113.${++host % 200}`);
    const { burst } = RATE_LIMITS.changes;
    expect(await count(burst + 5, change)).toEqual({ 200: burst, 429: 5 });
    expect((await ask("GET", "/tasks", MEMBER.token, "203.0.113.9")).status).toBe(200);
  });

  test("do not bind the machine's own command line", async () => {
    const { ask, count } = await openLimited();
    const times = RATE_LIMITS.changesOfAddress.burst + 10;
    expect(await count(times, () => ask("PATCH", "/settings", OWNER.token, "127.0.0.1"))).toEqual({
      200: times,
    });
  });

  test("hold back an address that opens one WebSocket after the other", async () => {
    const { rateLimiter, clock } = await openLimited();
    const from = (address: string, isLoopback = false) => rateLimiter.connect({ address, isLoopback });
    const { burst } = RATE_LIMITS.connections;
    const waits = Array.from({ length: burst + 3 }, () => from("203.0.113.9"));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(burst);
    expect([from("203.0.113.10"), from("127.0.0.1", true)]).toEqual([0, 0]);
    clock.ms += 1000;
    expect(from("203.0.113.9")).toBe(0);
  });

  test("count guesses over WebSocket among those over HTTP", async () => {
    const { ask, rateLimiter } = await openLimited();
    const inner: Authenticator = {
      identify: async () => null,
      isValid: async () => true,
      identifyToken: async (token) => {
        return token === "right" ? { userId: "u", role: "member", sessionId: null, via: "bearer" } : null;
      },
    };
    const guarded = rateLimiter.guard(inner);
    const peer = { address: "203.0.113.9", isLoopback: false };
    for (let number = 0; number < 100; number += 1) await guarded.identifyToken("wrong", peer);
    expect((await guarded.identifyToken("right", peer))?.userId).toBe("u");
    expect((await ask("GET", "/tasks", "fho_wrong", "203.0.113.9")).status).toBe(429);
    expect((await ask("GET", "/tasks", "fho_wrong", "203.0.113.10")).status).toBe(401);
  });
});

test("a place is an IPv4 address, or the /64 that a household has of IPv6", () => {
  expect(placeOf("203.0.113.9")).toBe("203.0.113.9");
  expect(placeOf(null)).toBe("unknown");
  const same = [
    "2001:db8:1:2::1",
    "2001:DB8:1:2:ffff::",
    "2001:0db8:0001:0002:a:b:c:d",
    "2001:db8:1:2::%eth0",
  ];
  expect(new Set(same.map(placeOf))).toEqual(new Set(["2001:db8:1:2::/64"]));
  expect(placeOf("::1")).toBe("0:0:0:0::/64");
  expect(placeOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
});
