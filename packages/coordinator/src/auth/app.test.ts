import { describe, expect, test } from "bun:test";
import type { CookieJar } from "../../test/cookie-jar.ts";
import { appRequest, post, refresh, statusWith, Tokens } from "../../test/oauth-client.ts";
import { openSignInWorld, type SignInWorld } from "../../test/sign-in-world.ts";

/** What the system's browser hands to the app. */
async function consent(browser: CookieJar, path: string, decision = "approve"): Promise<URL> {
  const page = await browser.follow(await browser.ask(path));
  expect(page.url.pathname).toBe("/consent");
  return (await browser.press(page, { decision })).url;
}

const exchange = (world: SignInWorld, fields: Record<string, string>) =>
  post(world, "/oauth2/token", {
    grant_type: "authorization_code",
    client_id: "farhand-app",
    redirect_uri: "farhand://auth/callback",
    ...fields,
  });

describe("the app", () => {
  test("is signed in through the system's browser, with PKCE and after its person said yes", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const { verifier, path } = appRequest();
    const back = await consent(browser, path);
    expect(back.href).toStartWith("farhand://auth/callback?");
    expect(back.searchParams.get("state")).toBe("the-state");
    const code = back.searchParams.get("code") ?? "";
    const tokens = Tokens.parse(await (await exchange(world, { code, code_verifier: verifier })).json());
    expect(await statusWith(world, tokens.access_token)).toBe(200);
    expect((await refresh(world, tokens.refresh_token, "farhand-app")).status).toBe(200);
    expect((await world.sessions.list("u_owner")).map(({ kind }) => kind).sort()).toEqual(["app", "browser"]);
  });

  test("asks its person each time: another app may give itself out for it", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    await consent(browser, appRequest().path);
    await consent(browser, appRequest().path);
    for (const prompt of ["none", "", "login none"]) {
      const page = await browser.follow(await browser.ask(appRequest({ prompt }).path));
      expect([prompt, page.url.protocol, page.url.pathname]).toEqual([
        prompt,
        "http:",
        expect.stringMatching(/^\/(consent|sign-in)$/),
      ]);
    }
    const refused = await consent(browser, appRequest().path, "deny");
    expect([refused.searchParams.get("error"), refused.searchParams.get("code")]).toEqual([
      "access_denied",
      null,
    ]);
  });

  test("comes back to its request when its person has to sign in first", async () => {
    await using world = await openSignInWorld();
    const browser = world.browser();
    const { path } = appRequest();
    const page = await browser.follow(await browser.ask(path));
    expect(page.url.pathname).toBe("/sign-in");
    const html = await page.answer.text();
    expect(html).toContain("Sign in");
  });

  test("gets nothing for a code that was used, is another's, or without its verifier", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const codeFor = async (request: { path: string }) =>
      (await consent(browser, request.path)).searchParams.get("code") ?? "";
    const first = appRequest();
    const code = await codeFor(first);
    for (const fields of [{}, { code_verifier: "" }, { code_verifier: appRequest().verifier }]) {
      const answer = await exchange(world, { code: await codeFor(appRequest()), ...fields });
      expect([fields, answer.ok]).toEqual([fields, false]);
    }
    const verifier = { code_verifier: first.verifier };
    expect((await exchange(world, { code: "made-up", ...verifier })).ok).toBe(false);
    const good = Tokens.parse(await (await exchange(world, { code, ...verifier })).json());
    expect(await statusWith(world, good.access_token)).toBe(200);
    // RFC 6749: a code that comes a second time takes back what came of it.
    expect((await exchange(world, { code, ...verifier })).ok).toBe(false);
    expect(await statusWith(world, good.access_token)).toBe(401);
    expect((await world.sessions.list("u_owner")).map(({ kind }) => kind)).toEqual(["browser"]);
    const refused = await post(world, "/oauth2/token", {
      grant_type: "refresh_token",
      refresh_token: good.refresh_token,
      client_id: "farhand-app",
    });
    expect(refused.ok).toBe(false);
  });

  test("is led back to its own address alone", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const changes: Record<string, string>[] = [
      { redirect_uri: "https://evil.example/" },
      { redirect_uri: "farhand://auth/callback/../evil" },
      { redirect_uri: "farhand://evil/callback" },
      { redirect_uri: "javascript:alert(1)" },
      { client_id: "farhand-cli" },
      { client_id: "someone-else" },
      { redirect_uri: "" },
    ];
    for (const change of changes) {
      const answer = await browser.ask(appRequest(change).path);
      const { url } = await browser.follow(answer);
      expect([change, url.origin]).toEqual([change, world.url]);
      expect([change, url.pathname]).not.toEqual([change, "/consent"]);
    }
    for (const change of [
      { code_challenge_method: "plain" },
      { code_challenge: "" },
      { response_type: "token" },
    ]) {
      const { url } = await browser.follow(await browser.ask(appRequest(change).path));
      expect([change, url.searchParams.get("code"), url.pathname]).toEqual([
        change,
        null,
        expect.not.stringMatching(/^\/consent$/),
      ]);
    }
  });

  test("gets no code from a form that another page has sent, or that was changed", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const page = await browser.follow(await browser.ask(appRequest().path));
    const query = page.url.search.slice(1);
    const fields = { query, decision: "approve" };
    const foreign = await browser.submit("/consent", fields, { origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    const changed = query.replace("farhand%3A%2F%2Fauth%2Fcallback", "https%3A%2F%2Fevil.example");
    const forged = await browser.submit("/consent", { query: changed, decision: "approve" });
    expect([forged.headers.get("location"), forged.status >= 400]).toEqual([null, true]);
    const unsigned = await browser.submit("/consent", {
      query: appRequest().path.split("?")[1] ?? "",
      decision: "approve",
    });
    expect([unsigned.headers.get("location"), unsigned.status >= 400]).toEqual([null, true]);
  });
});
