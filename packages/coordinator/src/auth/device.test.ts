import { describe, expect, test } from "bun:test";
import {
  askForCode,
  poll,
  post,
  refresh,
  refreshed,
  signInCommandLine,
  statusWith,
  Tokens,
} from "../../test/oauth-client.ts";
import { openSignInWorld } from "../../test/sign-in-world.ts";

describe("a command line", () => {
  test("shows a code, waits, and is signed in once its person has approved", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const code = await askForCode(world);
    expect(code.verification_uri_complete).toBe(`${world.url}/device?user_code=${code.user_code}`);
    const early = await poll(world, code.device_code);
    expect([early.status, await early.json()]).toMatchObject([400, { error: "authorization_pending" }]);

    const page = await browser.ask(code.verification_uri_complete);
    const shown = `${code.user_code.slice(0, 4)}-${code.user_code.slice(4)}`;
    expect(await page.text()).toContain(shown);
    const approved = await browser.submit("/device", { user_code: shown, decision: "approve" });
    expect(await approved.text()).toContain("Your terminal is signed in");

    const tokens = Tokens.parse(await (await poll(world, code.device_code)).json());
    expect(tokens.expires_in).toBeLessThanOrEqual(15 * 60);
    const me = await fetch(`${world.url}/api/me`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(await me.json()).toMatchObject({
      userId: "u_owner",
      role: "owner",
      sessionId: expect.stringMatching(/^g_/),
    });
    // The code is used up.
    expect((await poll(world, code.device_code)).status).toBe(400);
  });

  test("that is turned away gets nothing, and its person is asked to sign in first", async () => {
    await using world = await openSignInWorld();
    const code = await askForCode(world);
    const stranger = await world.browser().ask(code.verification_uri_complete);
    expect(stranger.headers.get("location")).toStartWith("/sign-in?next=%2Fdevice");
    const nobody = await world
      .browser()
      .submit("/device", { user_code: code.user_code, decision: "approve" });
    expect(nobody.headers.get("location")).toBe("/sign-in?next=/device");
    const browser = await world.ownersBrowser();
    await browser.submit("/device", { user_code: code.user_code, decision: "deny" });
    expect(await (await poll(world, code.device_code)).json()).toMatchObject({ error: "access_denied" });
    const wrong = await browser.submit("/device", { user_code: "AAAAAAAA", decision: "approve" });
    expect([wrong.status, (await wrong.text()).includes("This code is not known")]).toEqual([400, true]);
  });

  test("that nobody here knows gets no code, and a web page cannot approve one", async () => {
    await using world = await openSignInWorld();
    expect((await post(world, "/device/code", { client_id: "someone-else" })).status).toBe(400);
    const browser = await world.ownersBrowser();
    const code = await askForCode(world);
    for (const origin of ["https://evil.example", "null"]) {
      const forged = await browser.submit(
        "/device",
        { user_code: code.user_code, decision: "approve" },
        { origin },
      );
      expect(forged.status).toBe(403);
    }
    const bare = await browser.ask("/device", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `user_code=${code.user_code}&decision=approve`,
    });
    expect(bare.status).toBe(403);
    expect(await (await poll(world, code.device_code)).json()).toMatchObject({
      error: "authorization_pending",
    });
  });
});

describe("a refresh token", () => {
  test("is good once, and its successor goes on with the same sign-in", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const first = await signInCommandLine(world, browser);
    const second = await refreshed(world, first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await statusWith(world, second.access_token)).toBe(200);
    const listed = await world.sessions.list("u_owner");
    expect(listed.filter(({ kind }) => kind === "cli")).toHaveLength(1);
  });

  test("that comes a second time ends its own sign-in, and no other", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const stolen = await signInCommandLine(world, browser);
    const other = await signInCommandLine(world, browser);
    const later = await refreshed(world, stolen.refresh_token);
    const again = await refresh(world, stolen.refresh_token);
    expect([again.status, await again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    expect((await refresh(world, later.refresh_token)).status).toBe(400);
    expect(await statusWith(world, later.access_token)).toBe(401);
    expect(await statusWith(world, other.access_token)).toBe(200);
    expect((await refresh(world, other.refresh_token)).status).toBe(200);
    const audit = await world.audit.list({ before: null, limit: 50, userId: null });
    expect(audit.map(({ action }) => action)).toContain("sign_in.token_reused");
  });

  test("whose answer was lost can be asked for again within seconds, with the same answer", async () => {
    await using world = await openSignInWorld({ refreshRepeatSeconds: 15 });
    const tokens = await signInCommandLine(world, await world.ownersBrowser());
    const [first, second] = [
      await refreshed(world, tokens.refresh_token),
      await refreshed(world, tokens.refresh_token),
    ];
    expect(second.refresh_token).toBe(first.refresh_token);
    expect((await refresh(world, first.refresh_token)).status).toBe(200);
  });

  test("is not answered again once its successor was used: then it is in other hands", async () => {
    await using world = await openSignInWorld({ refreshRepeatSeconds: 15 });
    const stolen = await signInCommandLine(world, await world.ownersBrowser());
    const first = await refreshed(world, stolen.refresh_token);
    const second = await refreshed(world, first.refresh_token);
    const again = await refresh(world, stolen.refresh_token);
    expect([again.status, await again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    expect((await refresh(world, second.refresh_token)).status).toBe(400);
  });

  test("asked for many times at the same moment gives one successor, and ends no other sign-in", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const other = await signInCommandLine(world, browser);
    for (let round = 0; round < 5; round++) {
      const tokens = await signInCommandLine(world, browser);
      const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(world, tokens.refresh_token)));
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    }
    expect((await refresh(world, other.refresh_token)).status).toBe(200);
  });

  test("is of no use to another client, made up, or after its sign-in was ended", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const tokens = await signInCommandLine(world, browser);
    expect((await refresh(world, tokens.refresh_token, "farhand-app")).status).toBe(400);
    expect((await refresh(world, "fhr_made-up")).status).toBe(400);
    expect(
      (await post(world, "/oauth2/revoke", { token: tokens.refresh_token, client_id: "farhand-cli" })).status,
    ).toBe(200);
    expect((await refresh(world, tokens.refresh_token)).status).toBe(400);
    expect(await statusWith(world, tokens.access_token)).toBe(401);
  });

  test("ends ninety days after the sign-in, however often it was used", async () => {
    await using world = await openSignInWorld();
    let tokens = await signInCommandLine(world, await world.ownersBrowser());
    for (const days of [29, 29, 29]) {
      await world.age(days);
      tokens = await refreshed(world, tokens.refresh_token);
      expect([days, await statusWith(world, tokens.access_token)]).toEqual([days, 200]);
    }
    await world.age(4);
    const late = await refresh(world, tokens.refresh_token);
    expect([late.status, await late.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    expect(await statusWith(world, tokens.access_token)).toBe(401);
    expect((await world.sessions.list("u_owner")).map(({ kind }) => kind)).toEqual([]);
  });

  test("ends when it was not used for thirty days, and its access token with it once that is swept", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const idle = await signInCommandLine(world, browser);
    await world.age(29);
    const used = await refreshed(world, idle.refresh_token);
    await world.age(31);
    const late = await refresh(world, used.refresh_token);
    expect([late.status, await late.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    await world.sessions.sweep();
    expect(await statusWith(world, used.access_token)).toBe(401);
    expect((await world.sessions.list("u_owner")).map(({ kind }) => kind)).toEqual(["browser"]);
  });

  test("is kept as a hash alone, like every other token", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const tokens = await signInCommandLine(world, browser);
    const { url } = await world.signIn.makeLink("u_owner");
    const { url: invite } = await world.signIn.invite("u_owner", null);
    const dump = JSON.stringify(
      await Promise.all(
        (
          ["auth_oauth_refresh_token", "grants", "sign_in_links", "invites", "audit", "auth_jwks"] as const
        ).map((table) => world.database.selectFrom(table).selectAll().execute()),
      ),
    );
    const secrets = [
      tokens.access_token,
      tokens.refresh_token,
      tokens.refresh_token.slice("fhr_".length),
      new URL(url).searchParams.get("token") ?? "?",
      new URL(invite ?? "").searchParams.get("token") ?? "?",
      '"d":',
    ];
    expect(secrets.filter((secret) => dump.includes(secret))).toEqual([]);
  });
});
