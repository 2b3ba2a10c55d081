import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitLabSimulator } from "@farhand/simulators/gitlab";
import { createEmulator } from "emulate";
import type { CookieJar } from "../../test/cookie-jar.ts";
import { startIdentityProvider } from "../../test/identity-provider.ts";
import { add, both, CLIENT, goTo, withGitHub as openWithGitHub } from "../../test/provider-worlds.ts";
import { freePort, openSignInWorld } from "../../test/sign-in-world.ts";

const root = await mkdtemp(join(tmpdir(), "farhand-providers-"));
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
const withGitHub = () => openWithGitHub(root);

async function withGitLab() {
  const port = await freePort();
  const gitlab = await startGitLabSimulator({
    apps: [{ ...CLIENT, redirectUri: `http://127.0.0.1:${port}/api/auth/callback/gitlab` }],
    users: [
      { id: 7, username: "mara", name: "Mara", state: "active" },
      { id: 8, username: "blocked", name: "B", state: "blocked" },
    ],
  });
  const world = await openSignInWorld({
    port,
    providers: { gitlab: { ...CLIENT, webUrl: gitlab.url } },
  });
  return both(world, gitlab);
}

async function me(browser: CookieJar) {
  const answer = await browser.ask("/api/me");
  return answer.ok ? await answer.json() : null;
}

describe("GitHub", () => {
  test("signs in whoever is invited by login, as a member, once and again", async () => {
    await using both = await withGitHub();
    const { world } = both;
    await world.signIn.invite("u_owner", { provider: "github", login: "Mara" });
    const browser = world.browser();
    const { url } = await browser.press(await goTo(browser, "github"), { login: "mara" });
    expect(url.pathname).toBe("/signed-in");
    const first = await me(browser);
    expect(first).toMatchObject({ login: "mara", role: "member", sessionId: expect.stringMatching(/^s_/) });
    expect(await world.invites.list()).toEqual([]);

    const phone = world.browser();
    await phone.press(await goTo(phone, "github"), { login: "mara" });
    expect(await me(phone)).toMatchObject({ userId: (first as { userId: string }).userId });
    // Nothing of the provider's is kept but who it was.
    const accounts = await world.database.selectFrom("auth_account").selectAll().execute();
    expect(accounts).toMatchObject([
      { providerId: "github", accessToken: null, refreshToken: null, idToken: null },
    ]);
  });

  test("lets nobody in who is not invited, and tells them so in a sentence", async () => {
    await using both = await withGitHub();
    const { world } = both;
    await world.signIn.invite("u_owner", { provider: "gitlab", login: "noor" });
    const browser = world.browser();
    const { url, answer } = await browser.press(await goTo(browser, "github"), { login: "noor" });
    expect([url.pathname, answer.status]).toEqual(["/sign-in", 403]);
    expect(await answer.text()).toContain("You are not invited to this server.");
    expect(await me(browser)).toBeNull();
    expect((await world.members.list()).map(({ id }) => id)).toEqual(["u_owner"]);
    const audit = await world.audit.list({ before: null, limit: 5, userId: null });
    expect(audit[0]).toMatchObject({
      action: "sign_in.refused",
      subject: "github:noor",
      address: "127.0.0.1",
    });
  });

  test("lets in whoever holds an invite's link, once", async () => {
    await using both = await withGitHub();
    const { world } = both;
    const { url: link } = await world.signIn.invite("u_owner", null);
    const token = new URL(link ?? "").searchParams.get("token") ?? "";
    const join = async (login: string) => {
      const browser = world.browser();
      const accepted = await browser.submit("/invite", { token });
      if (accepted.status !== 303) return accepted.status;
      await browser.follow(accepted);
      await browser.press(await goTo(browser, "github"), { login });
      return (await me(browser)) as { login: string };
    };
    expect(await join("noor")).toMatchObject({ login: "noor" });
    expect(await join("mara")).toBe(410);
  });

  test("is no way in with a code that was used, a foreign state, or none of ours", async () => {
    await using both = await withGitHub();
    const { world, service } = both;
    await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
    const browser = world.browser();
    const page = await goTo(browser, "github");
    const query = page.url.searchParams;
    const granted = await fetch(`${service.url}/login/oauth/authorize`, {
      method: "POST",
      body: new URLSearchParams([...query, ["login", "mara"]]),
      redirect: "manual",
    });
    const callback = granted.headers.get("location") ?? "";
    expect(query.get("code_challenge_method")).toBe("S256");
    // Whoever has only overheard the way back has no state for it.
    const thief = world.browser();
    const stolen = await thief.follow(await thief.ask(callback));
    expect([stolen.url.pathname, await me(thief)]).toEqual(["/sign-in", null]);
    const changed = new URL(callback);
    changed.searchParams.set("state", "made-up");
    await browser.follow(await browser.ask(changed.href));
    expect(await me(browser)).toBeNull();

    const again = await goTo(browser, "github");
    const used = await browser.press(again, { login: "mara" });
    expect(used.url.pathname).toBe("/signed-in");
    await browser.submit("/sign-out", {});
    const replayed = await browser.follow(await browser.ask(callback));
    expect([replayed.url.pathname, await me(browser)]).toEqual(["/sign-in", null]);
  });

  test("that refuses, or is refused, signs nobody in", async () => {
    await using both = await withGitHub();
    const { world } = both;
    await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
    const browser = world.browser();
    const { url, answer } = await browser.press(await goTo(browser, "github"), { login: "" });
    expect([url.pathname, answer.status, await me(browser)]).toEqual(["/sign-in", 403, null]);
    expect((await browser.ask("/sign-in/with/gitlab")).status).toBe(503);
    expect((await browser.ask("/api/auth/callback/gitlab?code=x&state=y")).status).toBe(404);
  });

  test("can be added to an account by whoever is signed in, and to one account alone", async () => {
    await using both = await withGitHub();
    const { world } = both;
    const owner = await world.ownersBrowser();
    await world.signIn.invite("u_owner", { provider: "github", login: "noor" });
    const added = await add(owner, "github");
    expect((await owner.press(added, { login: "noor" })).url.pathname).toBe("/signed-in");
    const [linked] = await world.audit.list({ before: null, limit: 1, userId: null });
    expect(linked).toMatchObject({
      action: "account.linked",
      userId: "u_owner",
      subject: "github:noor",
      address: "127.0.0.1",
    });
    // Nobody begins it from elsewhere, with an account of their own.
    expect((await owner.ask("/signed-in/add/github")).status).toBe(404);
    const forged = { origin: "https://evil.example" };
    expect((await owner.submit("/signed-in/add", { provider: "github" }, forged)).status).toBe(403);
    // The invite of that login would else let it in a second time, once it is no longer theirs.
    expect(await world.invites.list()).toEqual([]);
    const phone = world.browser();
    await phone.press(await goTo(phone, "github"), { login: "noor" });
    expect(await me(phone)).toMatchObject({ userId: "u_owner", role: "owner" });

    await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
    const mara = world.browser();
    await mara.press(await goTo(mara, "github"), { login: "mara" });
    const taken = await mara.press(await add(mara, "github"), {
      login: "noor",
    });
    expect(taken.answer.status).toBe(403);
    expect(await me(mara)).toMatchObject({ login: "mara" });
  });
});

describe("GitLab", () => {
  test("signs in whoever is invited there, and nobody whom GitLab has blocked", async () => {
    await using both = await withGitLab();
    const { world } = both;
    for (const login of ["mara", "blocked"])
      await world.signIn.invite("u_owner", { provider: "gitlab", login });
    const browser = world.browser();
    await browser.press(await goTo(browser, "gitlab"), { login: "mara" });
    expect(await me(browser)).toMatchObject({ login: "mara", name: "Mara", role: "member" });
    const other = world.browser();
    const refused = await other.press(await goTo(other, "gitlab"), { login: "blocked" });
    expect([refused.url.pathname, await me(other)]).toEqual(["/sign-in", null]);
  });
});

describe("an OpenID Connect provider", () => {
  test("found by its issuer signs in whoever has an invite's link, and nobody by name", async () => {
    const port = await freePort();
    await using idp = await startIdentityProvider(`http://127.0.0.1:${port}/api/auth/callback/oidc`);
    await using world = await openSignInWorld({
      port,
      providers: {
        oidc: {
          issuer: idp.issuer,
          name: "Example Inc.",
          clientId: "farhand",
          clientSecret: "a-secret-of-the-identity-provider",
        },
      },
    });
    // There a login is whatever a person has filled in.
    await world.signIn.invite("u_owner", { provider: "oidc", login: "ivo" });
    const stranger = world.browser();
    const refused = await idp.signIn(stranger, await goTo(stranger, "oidc"), "ivo");
    expect([refused.url.pathname, await me(stranger)]).toEqual(["/sign-in", null]);

    const { url } = await world.signIn.invite("u_owner", null);
    const browser = world.browser();
    await browser.submit("/invite", { token: new URL(url ?? "").searchParams.get("token") ?? "" });
    const arrived = await idp.signIn(browser, await goTo(browser, "oidc"), "ivo");
    expect(arrived.url.pathname).toBe("/signed-in");
    expect(await me(browser)).toMatchObject({ login: "ivo", name: "Person ivo", role: "member" });
    expect(await (await browser.ask("/sign-in")).text()).toContain("Continue with Example Inc.");
    // A login in another script stays what it is.
    const second = await world.signIn.invite("u_owner", null);
    const olga = world.browser();
    await olga.submit("/invite", { token: new URL(second.url ?? "").searchParams.get("token") ?? "" });
    await idp.signIn(olga, await goTo(olga, "oidc"), "Ольга П");
    expect(await me(olga)).toMatchObject({ login: "Ольга-П", name: "Person Ольга П" });
  });

  test("that does not answer keeps nobody from signing in another way, and is asked again later", async () => {
    const port = await freePort();
    await using world = await openSignInWorld({
      providers: {
        oidc: { issuer: `http://127.0.0.1:${port}`, name: "Away", clientId: "a", clientSecret: "b" },
      },
    });
    const owner = await world.ownersBrowser();
    expect(await me(owner)).toMatchObject({ role: "owner" });
    expect((await owner.ask("/sign-in/with/oidc")).status).toBe(503);
  });
});

describe("against a stand-in for GitHub that others wrote", () => {
  test("an invited person is signed in", async () => {
    const port = await freePort();
    const emulator = await createEmulator({
      service: "github",
      port: 0,
      seed: {
        github: {
          users: [{ login: "mara", name: "Mara" }],
          oauth_apps: [
            {
              client_id: CLIENT.clientId,
              client_secret: CLIENT.clientSecret,
              name: "Farhand",
              redirect_uris: [`http://127.0.0.1:${port}/api/auth/callback/github`],
            },
          ],
        },
      },
    });
    try {
      await using world = await openSignInWorld({
        port,
        providers: { github: { ...CLIENT, webUrl: emulator.url, apiUrl: emulator.url } },
      });
      await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
      const browser = world.browser();
      const arrived = await browser.press(await goTo(browser, "github"), {});
      expect(arrived.url.pathname).toBe("/signed-in");
      expect(await me(browser)).toMatchObject({ login: "mara", role: "member" });
    } finally {
      await emulator.close();
    }
  });
});
