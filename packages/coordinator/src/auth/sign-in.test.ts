import { describe, expect, test } from "bun:test";
import { PROTOCOL_VERSION } from "@farhand/protocol";
import { signInCommandLine, statusWith } from "../../test/oauth-client.ts";
import { signInParts } from "../../test/sign-in-parts.ts";
import { openSignInWorld, type SignInWorld } from "../../test/sign-in-world.ts";
import { OWNER } from "../../test/stores.ts";
import { ownPath } from "./own-path.ts";

const tokenOf = (link: string | null) =>
  new URL(link ?? "http://none.invalid").searchParams.get("token") ?? "";

/** A browser in which a new member is signed in. */
async function member(world: SignInWorld, name: string) {
  const { url } = await world.signIn.invite("u_owner", null);
  const browser = world.browser();
  await browser.submit("/invite", { token: tokenOf(url), name });
  return browser;
}

describe("the setup link", () => {
  test("makes whoever opens it first the owner, once", async () => {
    await using world = await openSignInWorld();
    const link = await world.signIn.makeSetupLink();
    const browser = world.browser();
    const page = await browser.ask(link ?? "");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("become the owner");
    // Looking at the page has not used it up.
    const claimed = await browser.submit("/setup", { token: tokenOf(link) });
    expect([claimed.status, claimed.headers.get("location")]).toEqual([303, "/signed-in"]);
    const account = await browser.ask("/signed-in");
    expect([account.status, (await account.text()).includes("You own this server")]).toEqual([200, true]);

    const late = world.browser();
    expect((await late.ask(link ?? "")).status).toBe(410);
    expect((await late.submit("/setup", { token: tokenOf(link) })).status).toBe(410);
    expect(late.headers).toEqual([]);
    expect(await world.signIn.makeSetupLink()).toBeNull();
  });

  test("leads on to where an app had asked for, and to no other server", async () => {
    await using world = await openSignInWorld();
    const lead = async (next: string) => {
      const link = await world.signIn.makeLink("u_owner");
      const browser = world.browser();
      const page = await browser.ask(`${link.url}&next=${encodeURIComponent(next)}`);
      expect(await page.text()).toContain('name="next"');
      const answer = await browser.submit("/link", { token: tokenOf(link.url), next });
      return answer.headers.get("location");
    };
    const asked = "/api/auth/oauth2/authorize?client_id=farhand-app&state=a%26b";
    expect(await lead(asked)).toBe(asked);
    expect(await lead("/task/t_1/changes?file=a")).toBe("/task/t_1/changes?file=a");
    expect(await lead("//evil.example")).toBe("/signed-in");
    expect(await lead("")).toBe("/signed-in");
  });

  test("is won by one of many who open it at the same moment", async () => {
    await using world = await openSignInWorld();
    const token = tokenOf(await world.signIn.makeSetupLink());
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => world.browser().submit("/setup", { token })));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  test("is of no use once the owner has signed in another way", async () => {
    await using world = await openSignInWorld();
    const token = tokenOf(await world.signIn.makeSetupLink());
    await world.ownersBrowser();
    expect((await world.browser().submit("/setup", { token })).status).toBe(410);
    expect(await world.signIn.makeSetupLink()).toBeNull();
  });

  test("ends after an hour, and with the start that comes after it", async () => {
    await using world = await openSignInWorld();
    const first = tokenOf(await world.signIn.makeSetupLink());
    const second = tokenOf(await world.signIn.makeSetupLink());
    expect((await world.browser().submit("/setup", { token: first })).status).toBe(410);
    world.drift.ms = 61 * 60_000;
    expect((await world.browser().submit("/setup", { token: second })).status).toBe(410);
    expect((await world.browser().submit("/setup", { token: "" })).status).toBe(410);
  });
});

describe("a link for another device", () => {
  test("signs it in once, within five minutes, with a session of its own", async () => {
    await using world = await openSignInWorld();
    const desktop = await world.ownersBrowser();
    const made = await desktop.submit("/signed-in/link", {});
    const html = await made.text();
    expect(html).toContain("<svg");
    const url = /http:\/\/[^<"]+\/link\?token=[\w-]+/.exec(html)?.[0] ?? "";
    const phone = world.browser();
    expect((await phone.submit("/link", { token: tokenOf(url) })).status).toBe(303);
    expect((await world.browser().submit("/link", { token: tokenOf(url) })).status).toBe(410);
    expect(await world.sessions.list("u_owner")).toHaveLength(2);

    const { url: late } = await world.signIn.makeLink("u_owner");
    world.drift.ms = 5 * 60_000 + 1000;
    expect((await world.browser().submit("/link", { token: tokenOf(late) })).status).toBe(410);
  });

  test("is no setup link, no invite, and not the other way round", async () => {
    await using world = await openSignInWorld();
    const link = tokenOf((await world.signIn.makeLink("u_owner")).url);
    const setup = tokenOf(await world.signIn.makeSetupLink());
    const invite = tokenOf((await world.signIn.invite("u_owner", null)).url);
    for (const [path, tokens] of [
      ["/setup", [link, invite]],
      ["/link", [setup, invite]],
      ["/invite", [setup, link]],
    ] as const)
      for (const token of tokens)
        expect((await world.browser().submit(path, { token, name: "x" })).status).toBe(410);
  });
});

describe("an invite", () => {
  test("lets one person join under their name, where there is no provider", async () => {
    await using world = await openSignInWorld();
    const { url } = await world.signIn.invite("u_owner", null);
    const browser = world.browser();
    expect(await (await browser.ask(url ?? "")).text()).toContain("Your name");
    await browser.submit("/invite", { token: tokenOf(url), name: "Noor <b>" });
    const me = await (await browser.ask("/api/me")).json();
    expect(me).toMatchObject({ login: "noor-b", name: "Noor <b>", role: "member" });
    expect(await (await browser.ask("/signed-in")).text()).toContain("Noor &lt;b&gt;");
    expect((await world.browser().submit("/invite", { token: tokenOf(url), name: "B" })).status).toBe(410);
  });

  test("ends after seven days, and when it is withdrawn", async () => {
    await using world = await openSignInWorld();
    const withdrawn = await world.signIn.invite("u_owner", null);
    const owner = await world.ownersBrowser();
    const answer = await owner.ask(`/api/invites/${withdrawn.id}`, {
      method: "DELETE",
      headers: { origin: world.url },
    });
    expect(answer.status).toBe(200);
    expect(
      (await world.browser().submit("/invite", { token: tokenOf(withdrawn.url), name: "x" })).status,
    ).toBe(410);
    const late = await world.signIn.invite("u_owner", null);
    world.drift.ms = 7 * 24 * 3_600_000 + 1000;
    expect((await world.browser().submit("/invite", { token: tokenOf(late.url), name: "x" })).status).toBe(
      410,
    );
  });

  test("is the owner's to make: a member is refused, and sees none", async () => {
    await using world = await openSignInWorld();
    const browser = await member(world, "Noor");
    const make = await browser.ask("/api/invites", {
      method: "POST",
      headers: { origin: world.url, "content-type": "application/json" },
      body: JSON.stringify({ person: null }),
    });
    expect([make.status, await make.json()]).toMatchObject([403, { code: "owner_only" }]);
    expect((await browser.ask("/api/invites")).status).toBe(403);
    expect((await browser.ask("/api/members")).status).toBe(403);
    expect((await browser.submit("/signed-in/invite", { provider: "" })).status).toBe(403);
    expect(await (await browser.ask("/signed-in")).text()).not.toContain("Invite somebody");
    expect(await world.invites.list()).toEqual([]);
  });
});

describe("a browser's session", () => {
  test("is a cookie that no script can read and no other site sends along", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    expect(browser.headers).toHaveLength(1);
    const [cookie = ""] = browser.headers;
    expect(cookie).toStartWith("farhand.session_token=");
    expect(cookie.toLowerCase()).toContain("httponly");
    expect(cookie.toLowerCase()).toContain("samesite=lax");
    expect(cookie.toLowerCase()).toContain("path=/");
    // Over plain HTTP on loopback a browser would not keep one that is for TLS alone.
    expect(cookie.toLowerCase()).not.toContain("secure");
  });

  test("is for TLS alone where people reach the server over TLS", async () => {
    await using world = await openSignInWorld();
    const { signIn } = signInParts(world, { url: () => "https://farhand.example.com" });
    const link = await signIn.makeSetupLink();
    expect(link).toStartWith("https://farhand.example.com/setup?token=");
    const browser = { headers: new Headers(), peer: { address: "203.0.113.9", isLoopback: false } };
    const step = await signIn.open("setup", tokenOf(link), browser, "");
    expect(step?.cookies).toEqual([
      expect.stringMatching(/^__Secure-farhand\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/i),
    ]);
    expect((await world.sessions.list("u_owner"))[0]?.address).toBe("203.0.113.9");
  });

  test("that was changed or made up is none", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const cookie = browser.cookieFor(new URL(world.url));
    const ask = async (value: string) =>
      (await fetch(`${world.url}/api/me`, { headers: { cookie: value } })).status;
    expect(await ask(cookie)).toBe(200);
    const [row] = await world.database.selectFrom("auth_session").selectAll().execute();
    // Whoever has read the database has no cookie yet: it is signed.
    const stolen = JSON.stringify(row).match(/"token":"([^"]+)"/)?.[1] ?? "";
    expect(stolen).not.toBe("");
    for (const forged of [
      `farhand.session_token=${stolen}`,
      `farhand.session_token=${stolen}.${"A".repeat(43)}%3D`,
      cookie.replace(/=./, "=x"),
      cookie.replace(/\.[^.]{6}/, ".AAAAAA"),
    ])
      expect([forged.length, await ask(forged)]).toEqual([forged.length, 401]);
  });

  test("changes nothing without the word of the browser that the page is ours", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const change = async (headers: Record<string, string>) => {
      const answer = await browser.ask("/api/settings", {
        method: "PATCH",
        headers: { "content-type": "application/json", ...headers },
        body: "{}",
      });
      return answer.status;
    };
    expect(await change({ origin: world.url })).toBe(200);
    for (const headers of [
      {},
      { origin: "null" },
      { origin: "https://evil.example" },
      { origin: world.url.replace("127.0.0.1", "localhost") },
      { origin: `${world.url}.evil.example` },
      { referer: `${world.url}/signed-in` },
    ])
      expect([headers, await change(headers)]).toEqual([headers, 403]);
    for (const path of ["/sign-out", "/signed-in/link", "/signed-in/end", "/signed-in/invite", "/consent"])
      expect([path, (await browser.submit(path, {}, { origin: "https://evil.example" })).status]).toEqual([
        path,
        403,
      ]);
    expect((await browser.ask("/api/me")).status).toBe(200);
  });

  test("ends when its person signs out, and after ninety days", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const cookie = browser.cookieFor(new URL(world.url));
    expect((await browser.submit("/sign-out", {})).status).toBe(303);
    expect((await fetch(`${world.url}/api/me`, { headers: { cookie } })).status).toBe(401);
    const [session] = [await world.ownersBrowser(), ...(await world.sessions.list("u_owner"))].slice(1);
    const days = (Date.parse((session as { expiresAt: string }).expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
  });
});

describe("sessions", () => {
  test("are listed together, and signed out one by one", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const phone = await world.ownersBrowser();
    const tokens = await signInCommandLine(world, browser);
    const list = async () => {
      const answer = (await (await browser.ask("/api/sessions")).json()) as {
        sessions: { id: string; kind: string; isCurrent: boolean; label: string; address: string }[];
      };
      return answer.sessions;
    };
    const found = await list();
    expect(found.map(({ kind }) => kind).sort()).toEqual(["browser", "browser", "cli"]);
    expect(found.find(({ kind }) => kind === "cli")).toMatchObject({
      label: "farhand-cli/1 (desk)",
      address: "127.0.0.1",
    });
    const end = (id: string | undefined) =>
      browser.ask(`/api/sessions/${id}`, { method: "DELETE", headers: { origin: world.url } });
    expect((await end(found.find(({ kind }) => kind === "cli")?.id)).status).toBe(200);
    expect(await statusWith(world, tokens.access_token)).toBe(401);
    const other = found.find(({ kind, isCurrent }) => kind === "browser" && !isCurrent);
    expect((await end(other?.id)).status).toBe(200);
    expect((await phone.ask("/api/me")).status).toBe(401);
    expect((await browser.ask("/api/me")).status).toBe(200);
    expect((await end(other?.id)).status).toBe(404);
  });

  test("of somebody else are not there", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const noor = await member(world, "Noor");
    const [session] = await world.sessions.list("u_owner");
    const answer = await noor.ask(`/api/sessions/${session?.id}`, {
      method: "DELETE",
      headers: { origin: world.url },
    });
    expect(answer.status).toBe(404);
    expect((await noor.submit("/signed-in/end", { id: session?.id ?? "" })).status).toBe(404);
    expect((await owner.ask("/api/me")).status).toBe(200);
  });

  test("of a person who was removed end at once, and no link of theirs works", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const noor = await member(world, "Noor");
    const { userId } = (await (await noor.ask("/api/me")).json()) as { userId: string };
    const tokens = await signInCommandLine(world, noor);
    const { url } = await world.signIn.makeLink(userId);
    const remove = (id: string) =>
      owner.ask(`/api/members/${id}`, { method: "DELETE", headers: { origin: world.url } });
    expect((await remove(userId)).status).toBe(200);
    expect((await noor.ask("/api/me")).status).toBe(401);
    expect(await statusWith(world, tokens.access_token)).toBe(401);
    expect((await world.browser().submit("/link", { token: tokenOf(url) })).status).toBe(410);
    expect((await remove(userId)).status).toBe(404);
    // Whoever is let in again begins anew.
    const again = await member(world, "Noor");
    expect(await (await again.ask("/api/me")).json()).toMatchObject({ login: "noor" });
    // The owner stays, whoever asks.
    expect((await remove("u_owner")).status).toBe(404);
  });
});

describe("a WebSocket", () => {
  const open = async (world: SignInWorld, hello: { token: string; headers?: Record<string, string> }) => {
    const socket = new WebSocket(`${world.url.replace("http", "ws")}/api/ws`, {
      headers: hello.headers ?? {},
    } as never);
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }) => resolve(code);
    });
    const welcome = new Promise<string>((resolve) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(data).type);
    });
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token: hello.token }));
    return { closed, first: await Promise.race([welcome, closed]) };
  };

  test("ends with the sign-in that it was opened with", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const { access_token } = await signInCommandLine(world, browser);
    const cookie = browser.cookieFor(new URL(world.url));
    const ofCommandLine = await open(world, { token: access_token });
    const ofBrowser = await open(world, { token: "", headers: { cookie } });
    const local = await open(world, { token: OWNER.token });
    expect([ofCommandLine.first, ofBrowser.first, local.first]).toEqual(["welcome", "welcome", "welcome"]);
    for (const { id } of await world.sessions.list("u_owner")) await world.sessions.revoke("u_owner", id);
    expect(await ofCommandLine.closed).toBe(4401);
    expect(await ofBrowser.closed).toBe(4401);
    expect(world.errors).toEqual([]);
  });

  test("is nobody's without a token or a cookie", async () => {
    await using world = await openSignInWorld();
    expect((await open(world, { token: "" })).first).toBe(4401 as never);
    expect((await open(world, { token: "nonsense" })).first).toBe(4401 as never);
  });
});

describe("the token of the machine's own command line", () => {
  const ask = async (world: SignInWorld, headers: Record<string, string>) =>
    (
      await fetch(`${world.url}/api/me`, {
        headers: { authorization: `Bearer ${OWNER.token}`, ...headers },
      })
    ).status;

  test("is good on the machine itself, and not through a proxy", async () => {
    await using world = await openSignInWorld();
    expect(await ask(world, {})).toBe(200);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"])
      expect([name, await ask(world, { [name]: "127.0.0.1" })]).toEqual([name, 401]);
  });

  test("is not good from another machine", async () => {
    await using world = await openSignInWorld();
    for (const address of ["203.0.113.9", "10.0.0.2", null]) {
      const peer = { address, isLoopback: false };
      const headers = new Headers({ authorization: `Bearer ${OWNER.token}` });
      expect(await world.realAuthenticator.identify(headers, peer)).toBeNull();
      expect(await world.realAuthenticator.identifyToken(OWNER.token, peer)).toBeNull();
    }
  });
});

describe("where somebody is led after signing in", () => {
  test.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "/%2f/evil.example",
    "/signed-in/../../evil",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:evil.example",
    "/api/settings",
    "/signed-in@evil.example",
    "/.evil.example",
    "/tasks.evil.example",
    "",
  ])("%p is nowhere else", async (next) => {
    expect(ownPath(next, "/")).toBe("/");
  });

  test("our own places are kept, with what they were asked", () => {
    for (const next of [
      "/device?user_code=ABCD-EFGH",
      "/signed-in",
      "/",
      "/new",
      "/settings/keys",
      "/task/t_1/changes?file=a&line=3",
      "/api/auth/oauth2/authorize?client_id=farhand-app",
    ])
      expect(ownPath(next)).toBe(next);
  });
});

test("how one can sign in is told to anyone, and names nobody", async () => {
  await using world = await openSignInWorld();
  const methods = async () => (await world.browser().ask("/api/sign-in-methods")).json();
  expect(await methods()).toEqual({ providers: [], isOwned: false });
  await world.ownersBrowser();
  expect(await methods()).toEqual({ providers: [], isOwned: true });
});

test("of the library's addresses only those of OAuth are there", async () => {
  await using world = await openSignInWorld();
  const browser = await world.ownersBrowser();
  const paths = [
    "/sign-up/email",
    "/sign-in/email",
    "/sign-in/social",
    "/sign-out",
    "/get-session",
    "/list-sessions",
    "/revoke-sessions",
    "/update-user",
    "/delete-user",
    "/change-email",
    "/token",
    "/device/approve",
    "/device",
    "/device/token",
    "/oauth2/register",
    "/oauth2/create-client",
    "/admin/oauth2/create-client",
    "/oauth2/introspect",
    "/oauth2/userinfo",
    "/oauth2/consent",
    "/oauth2/continue",
    "/oauth2/end-session",
    "/farhand/open-session",
    "/ok",
    "/error",
    "/one-time-token/generate",
    "/",
    "",
    "/../me",
    "//oauth2/consent",
    "/oauth2/token/",
  ];
  for (const path of paths)
    for (const method of ["GET", "POST"]) {
      const answer = await browser.ask(`/api/auth${path}`, {
        method,
        headers: { origin: world.url, "content-type": "application/json" },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
      const isOurs = path === "/../me";
      expect([method, path, answer.status]).toEqual([method, path, isOurs && method === "GET" ? 200 : 404]);
    }
});

test("a server that starts with another master key signs anew, and command lines stay signed in", async () => {
  await using world = await openSignInWorld();
  const tokens = await signInCommandLine(world, await world.ownersBrowser());
  await world.database
    .updateTable("auth_jwks")
    .set({ privateKey: JSON.stringify("00") })
    .execute();
  const later = signInParts(world, {
    url: () => world.url,
    secret: new Uint8Array(32).fill(9),
    newId: (prefix) => `${prefix}${crypto.randomUUID()}`,
  });
  const answer = await later.signIn.answer(
    new Request(`${world.url}/api/auth/oauth2/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
        client_id: "farhand-cli",
      }),
    }),
    { address: "127.0.0.1", isLoopback: true },
  );
  expect(answer.status).toBe(200);
});
