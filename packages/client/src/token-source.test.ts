import { afterEach, describe, expect, test } from "bun:test";
import { ApiError, UnreachableError } from "./api-error.ts";
import { createClient } from "./client.ts";
import { askForDeviceCode, waitForApproval } from "./device-sign-in.ts";
import { createTokenSource, type StoredTokens, type TokenStore } from "./token-source.ts";

const MINUTE = 60_000;
const at = (ms: number) => new Date(ms).toISOString();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A token endpoint that takes each refresh token once, and an API that takes the newest access token. */
function startServer(options: { isDown?: boolean; lifetimeSeconds?: number } = {}) {
  const state = {
    ...options,
    refreshes: 0,
    current: 0,
    polls: [] as string[],
    asked: [] as (string | null)[],
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/api/me") {
        const authorization = request.headers.get("authorization");
        state.asked.push(authorization);
        if (authorization !== null && authorization !== `Bearer access-${state.current}`)
          return Response.json({}, { status: 401 });
        return Response.json({ userId: "u", login: "l", name: "n", role: "member", sessionId: null });
      }
      if (pathname === "/api/auth/device/code")
        return Response.json({
          device_code: "device",
          user_code: "ABCDEFGH",
          verification_uri_complete: "http://x/device?user_code=ABCDEFGH",
          expires_in: 600,
          interval: 0,
        });
      const form = new URLSearchParams(await request.text());
      if (form.get("grant_type")?.endsWith("device_code")) {
        const answer = state.polls.shift();
        if (answer !== undefined) return Response.json({ error: answer }, { status: 400 });
      } else {
        state.refreshes += 1;
        await Bun.sleep(20);
        if (form.get("refresh_token") !== `refresh-${state.current}`)
          return Response.json({ error: "invalid_grant" }, { status: 400 });
        state.current += 1;
      }
      return Response.json({
        access_token: `access-${state.current}`,
        refresh_token: `refresh-${state.current}`,
        expires_in: state.lifetimeSeconds ?? 600,
      });
    },
  });
  cleanUps.push(() => server.stop(true));
  return { state, url: `http://127.0.0.1:${server.port}` };
}

/** As a file that several programs share. */
function sharedStore(tokens: StoredTokens | null) {
  let tail: Promise<unknown> = Promise.resolve();
  const shared = { tokens };
  const store: TokenStore = {
    load: async () => shared.tokens,
    save: async (next) => {
      shared.tokens = next;
    },
    exclusively(work) {
      const run = tail.then(work);
      tail = run.catch(() => undefined);
      return run;
    },
  };
  return { shared, store };
}

const stored = (change: Partial<StoredTokens> = {}): StoredTokens => ({
  accessToken: "access-0",
  refreshToken: "refresh-0",
  expiresAt: at(Date.now() + 10 * MINUTE),
  ...change,
});

describe("a source of tokens", () => {
  test("asks for nothing while its token is good", async () => {
    const { state, url } = startServer();
    const { store } = sharedStore(stored());
    const source = createTokenSource({ baseUrl: url, clientId: "c", store });
    expect([await source.current(), await source.current(), state.refreshes]).toEqual([
      "access-0",
      "access-0",
      0,
    ]);
  });

  test("refreshes once for all who wait, in this program and in others", async () => {
    const { state, url } = startServer();
    const { shared, store } = sharedStore(stored({ expiresAt: at(Date.now() + 1000) }));
    const sources = [1, 2, 3].map(() => createTokenSource({ baseUrl: url, clientId: "c", store }));
    const tokens = await Promise.all(sources.flatMap((source) => [source.current(), source.current()]));
    expect([new Set(tokens), state.refreshes]).toEqual([new Set(["access-1"]), 1]);
    expect(shared.tokens?.refreshToken).toBe("refresh-1");
  });

  test("gets another one when a good one is refused, and the request goes through", async () => {
    const { state, url } = startServer();
    const { store } = sharedStore(stored({ accessToken: "access-of-another-key" }));
    const client = createClient({
      baseUrl: url,
      token: createTokenSource({ baseUrl: url, clientId: "c", store }),
    });
    expect((await client.me()).login).toBe("l");
    expect(state.asked).toEqual(["Bearer access-of-another-key", "Bearer access-1"]);
  });

  test("never gives back the one that was refused, though another caller has just found it good", async () => {
    const { state, url } = startServer();
    const { store } = sharedStore(stored());
    const source = createTokenSource({ baseUrl: url, clientId: "c", store });
    expect(await Promise.all([source.current(), source.renew("access-0")])).toEqual(["access-0", "access-1"]);
    expect(state.refreshes).toBe(1);
  });

  test("says to sign in again when the sign-in has ended, and keeps it when nobody answered", async () => {
    const { url } = startServer();
    const late = { expiresAt: at(0) };
    for (const tokens of [null, stored({ ...late, refreshToken: "used" })]) {
      const { store } = sharedStore(tokens);
      const error = await createTokenSource({ baseUrl: url, clientId: "c", store })
        .current()
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code: "unauthorized", action: expect.stringContaining("farhand login") });
    }
    const { shared, store } = sharedStore(stored(late));
    const away = createTokenSource({ baseUrl: "http://127.0.0.1:1", clientId: "c", store });
    expect(await away.current().catch((caught: unknown) => caught)).toBeInstanceOf(UnreachableError);
    expect(shared.tokens?.refreshToken).toBe("refresh-0");
  });
});

test("a page of a web app sends no token: its browser sends a cookie", async () => {
  const { state, url } = startServer();
  await createClient({ baseUrl: url, token: null }).me();
  expect(state.asked).toEqual([null]);
});

describe("signing in without a browser", () => {
  test("waits for the approval", async () => {
    const { state, url } = startServer();
    state.polls = ["authorization_pending", "authorization_pending"];
    const code = await askForDeviceCode(url, "c");
    expect(code.userCode).toBe("ABCD-EFGH");
    expect((await waitForApproval(url, "c", code)).accessToken).toBe("access-0");
  });

  test.each(["access_denied", "expired_token", "invalid_grant"])(
    "ends when the answer is %s",
    async (error) => {
      const { state, url } = startServer();
      state.polls = [error];
      const code = await askForDeviceCode(url, "c");
      expect(await waitForApproval(url, "c", code).catch((caught: unknown) => caught)).toBeInstanceOf(
        ApiError,
      );
    },
  );

  test("ends when nobody waits for it any more", async () => {
    const { state, url } = startServer();
    state.polls = Array(1000).fill("authorization_pending");
    const code = { ...(await askForDeviceCode(url, "c")), intervalMs: 10 };
    const signal = AbortSignal.timeout(50);
    expect(await waitForApproval(url, "c", code, { signal }).catch(() => "ended")).toBe("ended");
  });
});
