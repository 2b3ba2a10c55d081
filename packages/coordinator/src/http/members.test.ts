import { describe, expect, test } from "bun:test";
import { MadeInvite, MemberList, SignInLink } from "@farhand/protocol";
import type { CookieJar } from "../../test/cookie-jar.ts";
import { signInCommandLine } from "../../test/oauth-client.ts";
import { openSignInWorld, type SignInWorld } from "../../test/sign-in-world.ts";
import { newTask } from "../../test/stores.ts";

const tokenOf = (link: string) => new URL(link).searchParams.get("token") ?? "";

/** A browser in which a new member is signed in, and their id. */
async function join(world: SignInWorld, name: string) {
  const { url } = await world.signIn.invite("u_owner", null);
  const browser = world.browser();
  await browser.submit("/invite", { token: tokenOf(url ?? ""), name });
  const { userId } = (await (await browser.ask("/api/me")).json()) as { userId: string };
  return { browser, userId };
}

const change = (world: SignInWorld, browser: CookieJar, method: string, path: string, body?: object) =>
  browser.ask(`/api${path}`, {
    method,
    headers: { origin: world.url, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

describe("an invite by login", () => {
  test("takes the place of the one that is open for the same login", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const invite = async (provider: string, login: string) =>
      MadeInvite.parse(
        await (await change(world, owner, "POST", "/invites", { person: { provider, login } })).json(),
      ).id;
    await invite("github", "mara");
    const again = await invite("github", "Mara");
    const elsewhere = await invite("gitlab", "mara");
    expect((await world.invites.list()).map(({ id }) => id).sort()).toEqual([again, elsewhere].sort());
    expect(await world.invites.take({ provider: "github", login: "mara" })).toMatchObject({ id: again });
    expect(await world.invites.take({ provider: "github", login: "mara" })).toBeNull();
  });
});

describe("a member who is removed", () => {
  test("has no invite left to come back with, no task under way and no sign-in", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const noor = await join(world, "Noor");
    await signInCommandLine(world, noor.browser);
    const other = await join(world, "Ivo");
    await world.signIn.invite("u_owner", { provider: "github", login: "Noor" });
    await world.signIn.invite("u_owner", { provider: "github", login: "ivo" });
    for (let number = 1; number <= 120; number += 1)
      await world.tasks.create(newTask(number, { userId: noor.userId }));
    await world.tasks.create(newTask(900, { userId: other.userId }));

    expect((await change(world, owner, "DELETE", `/members/${noor.userId}`)).status).toBe(200);

    expect((await world.invites.list()).map(({ login }) => login)).toEqual(["ivo"]);
    const states = async (userId: string) => {
      const page = await world.tasks.list({ userId, state: "queued", cursor: null, limit: 200 });
      return page.tasks.length;
    };
    expect([await states(noor.userId), await states(other.userId)]).toEqual([0, 1]);
    expect(await world.sessions.list(noor.userId)).toEqual([]);
    const tables = await Promise.all(
      (["auth_session", "auth_oauth_refresh_token"] as const).map((table) =>
        world.database.selectFrom(table).select("userId").where("userId", "=", noor.userId).execute(),
      ),
    );
    expect(tables).toEqual([[], []]);
    const [entry] = await world.audit.list({ before: null, limit: 1, userId: null });
    expect(entry).toMatchObject({ action: "member.removed", subject: noor.userId, detail: "noor" });
  });
});

describe("a member who has no way in", () => {
  test("gets a link from the owner, which works once and within a day, and alone", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const noor = await join(world, "Noor");
    await noor.browser.submit("/sign-out", {});
    expect((await noor.browser.ask("/api/me")).status).toBe(401);

    const make = async () =>
      SignInLink.parse(await (await change(world, owner, "POST", `/members/${noor.userId}/link`)).json());
    const first = await make();
    const second = await make();
    world.drift.ms = 23 * 3_600_000;
    expect((await world.browser().submit("/link", { token: tokenOf(first.url) })).status).toBe(410);
    expect((await noor.browser.submit("/link", { token: tokenOf(second.url) })).status).toBe(303);
    expect(await (await noor.browser.ask("/api/me")).json()).toMatchObject({ login: "noor" });
    const late = await make();
    world.drift.ms += 25 * 3_600_000;
    expect((await world.browser().submit("/link", { token: tokenOf(late.url) })).status).toBe(410);
    const entries = await world.audit.list({ before: null, limit: 50, userId: "u_owner" });
    expect(entries.find(({ action }) => action === "sign_in_link.made")).toMatchObject({
      subject: noor.userId,
      detail: "for noor",
      address: "127.0.0.1",
    });
  });

  test("cannot have one made by another member", async () => {
    await using world = await openSignInWorld();
    const noor = await join(world, "Noor");
    for (const id of ["u_owner", noor.userId, "u_nobody"])
      expect((await change(world, noor.browser, "POST", `/members/${id}/link`)).status).toBe(404);
    const owner = await world.ownersBrowser();
    const { members } = MemberList.parse(await (await owner.ask("/api/members")).json());
    expect(members.map(({ login }) => login)).toEqual(["owner", "noor"]);
  });
});
