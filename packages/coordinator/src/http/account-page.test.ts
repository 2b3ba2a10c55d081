import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CookieJar } from "../../test/cookie-jar.ts";
import { add, goTo, withGitHub } from "../../test/provider-worlds.ts";
import { signInParts } from "../../test/sign-in-parts.ts";
import { openSignInWorld, type SignInWorld } from "../../test/sign-in-world.ts";

const root = await mkdtemp(join(tmpdir(), "farhand-account-"));
afterAll(() => rm(root, { recursive: true, maxRetries: 5 }));

const tokenOf = (text: string) => /\/(?:link|invite)\?token=([\w-]+)/.exec(text)?.[1] ?? "";
const account = async (browser: CookieJar) => (await browser.ask("/signed-in")).text();

async function enter(world: SignInWorld, name: string) {
  const { url } = await world.signIn.invite("u_owner", null);
  const browser = world.browser();
  await browser.submit("/invite", { token: tokenOf(url ?? ""), name });
  const me = (await (await browser.ask("/api/me")).json()) as { userId: string; login: string };
  return { browser, ...me };
}

describe("accounts at providers", () => {
  test("are shown, offered only while they are not linked, and can be unlinked by the owner", async () => {
    await using both = await withGitHub(root);
    const { world } = both;
    const owner = await world.ownersBrowser();
    expect(await account(owner)).toContain("Also sign in with GitHub");
    await owner.press(await add(owner, "github"), { login: "noor" });
    const linked = await account(owner);
    expect(linked).not.toContain("Also sign in with GitHub");
    expect(linked).toMatch(
      /Accounts that you sign in with[\s\S]*GitHub<p class="soft">since \d{4}-\d\d-\d\d/,
    );
    const forged = { origin: "https://evil.example" };
    expect((await owner.submit("/signed-in/unlink", { provider: "github" }, forged)).status).toBe(403);
    expect((await owner.submit("/signed-in/unlink", { provider: "github" })).status).toBe(303);
    expect(await account(owner)).toContain("Also sign in with GitHub");
    // That account is nobody's now, and not invited.
    const stranger = world.browser();
    const refused = await stranger.press(await goTo(stranger, "github"), { login: "noor" });
    expect(refused.url.pathname).toBe("/sign-in");
  });

  test("stay while they are a member's only way in", async () => {
    await using both = await withGitHub(root);
    const { world } = both;
    await world.signIn.invite("u_owner", { provider: "github", login: "mara" });
    const mara = world.browser();
    await mara.press(await goTo(mara, "github"), { login: "mara" });
    expect(await account(mara)).not.toContain('action="/signed-in/unlink"');
    const kept = await mara.submit("/signed-in/unlink", { provider: "github" });
    expect([kept.status, (await kept.text()).includes("the only account")]).toEqual([400, true]);
    const [member] = (await world.members.list()).filter(({ login }) => login === "mara");
    const now = new Date().toISOString();
    await world.database
      .insertInto("auth_account")
      .values({
        id: "a_2",
        providerId: "gitlab",
        accountId: "7",
        userId: member?.id ?? "",
        accessToken: null,
        refreshToken: null,
        idToken: null,
        createdAt: now,
        ...{ updatedAt: now },
      })
      .execute();
    expect(await account(mara)).toContain('action="/signed-in/unlink"');
    expect((await mara.submit("/signed-in/unlink", { provider: "github" })).status).toBe(303);
    expect((await mara.submit("/signed-in/unlink", { provider: "gitlab" })).status).toBe(400);
    expect((await world.accounts.list(member?.id ?? "")).map(({ provider }) => provider)).toEqual(["gitlab"]);
  });
});

describe("the people of a server", () => {
  test("are shown to the owner, who can make a link for one, and remove one", async () => {
    await using world = await openSignInWorld();
    const owner = await world.ownersBrowser();
    const noor = await enter(world, "Noor <b>");
    const page = await account(owner);
    expect(page).toContain("Noor &lt;b&gt;");
    expect(page).toContain("member, noor-b");
    expect(page).toContain("<strong>(you)</strong>");
    expect(await account(noor.browser)).not.toContain("People");

    const made = await (await owner.submit("/signed-in/member-link", { id: noor.userId })).text();
    expect(made).toContain("<svg");
    const phone = world.browser();
    expect((await phone.submit("/link", { token: tokenOf(made) })).status).toBe(303);
    expect(await (await phone.ask("/api/me")).json()).toMatchObject({ login: "noor-b" });

    for (const path of ["/signed-in/member-link", "/signed-in/remove-member"])
      for (const id of ["u_owner", noor.userId])
        expect([path, (await noor.browser.submit(path, { id })).status]).toEqual([path, 404]);
    expect((await owner.submit("/signed-in/remove-member", { id: "u_owner" })).status).toBe(404);
    expect((await owner.submit("/signed-in/remove-member", { id: noor.userId })).status).toBe(303);
    expect((await phone.ask("/api/me")).status).toBe(401);
    expect(await account(owner)).not.toContain("Noor");
  });

  test.each([
    ["Ольга Петрова", "ольга-петрова"],
    ["山田 太郎", "山田-太郎"],
    ["José Ñ", "josé-ñ"],
    ["नूर", "नूर"],
    ["Noor van Dam", "noor-van-dam"],
    ["🙂", "person"],
  ])("%p gets the login %p", async (name, login) => {
    await using world = await openSignInWorld();
    expect((await enter(world, name)).login).toBe(login);
    // Two of one name can be told from each other.
    expect((await enter(world, name)).login).toBe(`${login}-2`);
  });
});

test("the page to sign in on names the command line as it is called on this machine", async () => {
  await using world = await openSignInWorld();
  const page = await (await world.browser().ask("/sign-in")).text();
  expect(page).toContain("<code>farhand link</code>");
  const { signIn } = signInParts(world, { commandLine: "docker compose exec coordinator farhand" });
  expect(signIn.commandLine).toBe("docker compose exec coordinator farhand");
});
