import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHubSimulator } from "@farhand/simulators/github";
import { chromium } from "./support/chromium.ts";
import { type Coordinator, startCoordinator } from "./support/coordinator.ts";
import { freePort } from "./support/deployment.ts";
import { signInThere, startWithForeignProviders } from "./support/foreign-providers.ts";
import { openTab, type Tab } from "./support/tab.ts";
import { takeTokens } from "./support/tokens.ts";

const root = join(import.meta.dir, "../..");
const CLIENT = { clientId: "Iv1.farhand", clientSecret: "canary-secret-of-the-github-app" };
if (chromium === null)
  process.stdout.write("Tests of signing in with a browser are skipped: there is no Chromium here.\n");
/** What was shown or handed out in these tests, and must be neither in a log nor, in the clear, in the data. */
const handedOut: string[] = [];
const tokenOf = (link: string) => new URL(link).searchParams.get("token") ?? "";
const handOut = (link: string) => {
  handedOut.push(tokenOf(link));
  return link;
};
const foreignLogs: string[] = [];
const foreignData: string[] = [];

let folder: string;
let coordinator: Coordinator;
let github: Awaited<ReturnType<typeof startGitHubSimulator>>;
let url: string;
let setupUrl: string;
let firstSetupUrl: string;
let settings: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fh-sign-in-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  github = await startGitHubSimulator({
    tokens: { ghp_mara: "mara", ghp_noor: "noor" },
    root: await mkdtemp(join(folder, "github-")),
    oauthApps: [{ ...CLIENT, redirectUri: `${url}/api/auth/callback/github` }],
  });
  settings = {
    FARHAND_DATA: join(folder, "data"),
    FARHAND_PORT: String(port),
    // Nothing here starts a task's worker.
    FARHAND_SANDBOX: "process",
    FARHAND_WORKER_BINARY: "/bin/false",
    FARHAND_GITHUB_URL: github.url,
    FARHAND_GITHUB_API_URL: github.apiUrl,
    FARHAND_GITHUB_CLIENT_ID: CLIENT.clientId,
    FARHAND_GITHUB_CLIENT_SECRET: CLIENT.clientSecret,
    FARHAND_COMMAND: "docker compose exec coordinator farhand",
  };
  await start();
  firstSetupUrl = setupUrl;
});
afterAll(async () => {
  await coordinator?.stop();
  await github?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start() {
  coordinator = await startCoordinator(settings);
  const { announcement } = coordinator;
  if (announcement.event !== "listening") throw new Error(announcement.message);
  setupUrl = announcement.setupUrl ?? "";
}

/** Runs the command line as somebody with a home folder of their own, who has no file of the server's. */
function farhand(home: string, argv: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, join(root, "packages/cli/src/main.ts"), ...argv, "--json"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: join(folder, home),
      FARHAND_URL: url,
      FARHAND_DATA: join(folder, "none"),
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines: Record<string, unknown>[] = [];
  let came = Promise.withResolvers<void>();
  const read = (async () => {
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (;;) {
        const end = text.indexOf("\n");
        if (end === -1) break;
        lines.push(JSON.parse(text.slice(0, end)));
        text = text.slice(end + 1);
      }
      came.resolve();
      came = Promise.withResolvers();
    }
  })();
  return {
    lines,
    async line(number: number) {
      while (lines.length <= number) {
        const next = came.promise;
        if ((await Promise.race([next, child.exited])) !== undefined && lines.length <= number)
          throw new Error(`ended early: ${await new Response(child.stderr).text()}`);
      }
      return lines[number];
    },
    async end() {
      const code = await child.exited;
      await read;
      return { code, lines };
    },
  };
}

async function own(argv: string[]) {
  return farhand("owner", argv, { FARHAND_DATA: settings.FARHAND_DATA ?? "" }).end();
}

describe.skipIf(chromium === null)("in a real browser", () => {
  let tab: Tab;
  beforeAll(async () => {
    tab = await openTab();
  });
  afterAll(() => tab?.[Symbol.asyncDispose]());

  test("the link of the first start makes the owner, and the next start makes no other", async () => {
    await tab.goto(handOut(setupUrl));
    expect(await tab.text()).toContain("Make this server yours");
    await tab.follow("form button");
    expect(tab.url()).toBe(`${url}/signed-in`);
    expect(await tab.text()).toContain("You own this server.");
    await coordinator.stop();
    await start();
    expect(setupUrl).toBe("");
    await tab.goto(`${url}/signed-in`);
    expect(await tab.text()).toContain("You own this server.");
  }, 60_000);

  test("the owner lets a command line in, which then works and refreshes by itself", async () => {
    const login = farhand("desk", ["login"]);
    const asked = await login.line(0);
    await tab.goto(String(asked?.url));
    expect(await tab.text()).toContain(String(asked?.userCode));
    await tab.follow("button[value=approve]");
    expect(await tab.text()).toContain("Your terminal is signed in");
    const { code, lines } = await login.end();
    expect([code, lines[1]]).toMatchObject([0, { result: "signed-in", login: "owner", role: "owner" }]);

    const file = join(folder, "desk/.config/farhand/credentials.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kept = await Bun.file(file).json();
    // As if its minutes were over: several commands at once refresh it once, and none ends the sign-in.
    kept.servers[url].expiresAt = new Date(0).toISOString();
    await Bun.write(file, JSON.stringify(kept));
    const together = await Promise.all([1, 2, 3].map(() => farhand("desk", ["sessions"]).end()));
    expect(together.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(together[0]?.lines.map(({ kind }) => kind).sort()).toEqual(["browser", "cli"]);
    expect((await Bun.file(file).json()).servers[url].refreshToken).not.toBe(kept.servers[url].refreshToken);
  }, 60_000);

  test("an invited person comes in with GitHub, another is told why not", async () => {
    expect((await own(["invite", "mara"])).code).toBe(0);
    await using other = await openTab();
    await other.goto(`${url}/sign-in`);
    expect(await other.text()).toContain("docker compose exec coordinator farhand link");
    await other.follow("a.button");
    expect(other.url()).toStartWith(github.url);
    await other.follow("button[value=noor]");
    expect(await other.text()).toContain("You are not invited to this server.");
    await other.follow("a.button");
    await other.follow("button[value=mara]");
    expect(other.url()).toBe(`${url}/signed-in`);
    expect(await other.text()).toContain("You are a member here, as mara.");
    // A page of another site can neither change anything nor read it.
    await other.goto(github.url);
    const forged = await other.evaluate<string>(
      `fetch("${url}/api/settings", { method: "PATCH", credentials: "include", body: "{}" }).then((it) => "read " + it.status, () => "kept away")`,
    );
    expect(forged).toBe("kept away");
  }, 60_000);

  test("a link from the machine signs in a phone, and the owner signs it out again", async () => {
    const { lines } = await own(["link"]);
    await using phone = await openTab();
    await phone.goto(handOut(String(lines[0]?.url)));
    await phone.follow("form button");
    expect(await phone.text()).toContain("You own this server.");
    await phone.follow('form[action="/signed-in/link"] button');
    expect(await phone.text()).toContain("Scan this with the other device");
    await tab.goto(`${url}/signed-in`);
    await tab.follow('form[action="/signed-in/end"] button');
    await phone.goto(`${url}/signed-in`);
    expect(phone.url()).toStartWith(`${url}/sign-in`);
    expect(phone.complaints.filter((complaint) => complaint.includes("Policy"))).toEqual([]);
  }, 60_000);

  test("the app is signed in by way of the browser, which is led to the app alone", async () => {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: "farhand-app",
      redirect_uri: "farhand://auth/callback",
      state: "s",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    });
    await tab.goto(`${url}/api/auth/oauth2/authorize?${query}`);
    expect(await tab.text()).toContain("wants to act as");
    await tab.click("button[value=approve]");
    await Bun.sleep(500);
    // No app is installed here that could open it; what counts is that the page's policy did not stand in the way.
    expect(tab.complaints.filter((complaint) => complaint.includes("form-action"))).toEqual([]);
  }, 60_000);

  test("no page of ours breaks its own policy", () => {
    expect(tab.complaints.filter((complaint) => complaint.includes("Content Security Policy"))).toEqual([]);
  });
});

async function startElsewhere() {
  const elsewhere = await startWithForeignProviders(folder);
  foreignData.push(elsewhere.dataDirectory);
  return {
    ...elsewhere,
    async [Symbol.asyncDispose]() {
      await elsewhere[Symbol.asyncDispose]();
      foreignLogs.push(elsewhere.coordinator.logged());
    },
  };
}

describe.skipIf(chromium === null)("in a real browser, with providers that others wrote", () => {
  test("the owner links an account, and signs in with it on the provider's own pages", async () => {
    await using other = await startElsewhere();
    await using desk = await openTab();
    await desk.goto(handOut(other.setupUrl));
    await desk.follow("form button");
    expect(await desk.text()).toContain("Also sign in with Example Inc.");
    await desk.click("button[value=oidc]");
    await desk.arrive(other.issuer);
    await signInThere(desk, "ivo");
    await desk.arrive(`${other.url}/signed-in`);
    const account = await desk.text();
    expect(account).toContain("You own this server.");
    expect(account).toContain("Accounts that you sign in with");
    expect(account).not.toContain("Also sign in with Example Inc.");

    await using phone = await openTab();
    await phone.goto(`${other.url}/sign-in`);
    await phone.click('a.button[href*="/with/oidc"]');
    await phone.arrive(other.issuer);
    await signInThere(phone, "ivo");
    await phone.arrive(`${other.url}/signed-in`);
    expect(await phone.text()).toContain("You own this server.");

    // Somebody else of the same provider is not invited.
    await using stranger = await openTab();
    await stranger.goto(`${other.url}/sign-in`);
    await stranger.click('a.button[href*="/with/oidc"]');
    await stranger.arrive(other.issuer);
    await signInThere(stranger, "mallory");
    await stranger.arrive(`${other.url}/sign-in`);
    expect(await stranger.text()).toContain("You are not invited to this server.");
    for (const tab of [desk, phone, stranger])
      expect(
        tab.complaints.filter((complaint) => complaint.includes(other.url) && complaint.includes("Policy")),
      ).toEqual([]);
  }, 120_000);

  test("an invited login comes in, and another does not", async () => {
    await using other = await startElsewhere();
    const { code } = await farhand("elsewhere", ["invite", "mara"], {
      FARHAND_URL: other.url,
      FARHAND_DATA: other.dataDirectory,
    }).end();
    expect(code).toBe(0);
    for (const [login, arrives, says] of [
      ["noor", "/sign-in", "You are not invited to this server."],
      ["mara", "/signed-in", "You are a member here, as mara."],
    ] as const) {
      await using browser = await openTab();
      await browser.goto(`${other.url}/sign-in`);
      await browser.click('a.button[href*="/with/github"]');
      await browser.arrive(other.githubUrl);
      await browser.evaluate(
        `[...document.querySelectorAll("button")].find((it) => it.innerText.includes(${JSON.stringify(login)})).click()`,
      );
      await browser.arrive(`${other.url}${arrives}`);
      expect([login, await browser.text()]).toEqual([login, expect.stringContaining(says)]);
    }
  }, 120_000);
});

test("nothing secret of all this is in the log or, in the clear, in the data folder", async () => {
  // Also where no browser was there to hand out any.
  const [link] = (await own(["link"])).lines;
  const [invite] = (await own(["invite"])).lines;
  const taken: Record<string, string> = {
    ...(await takeTokens(url, handOut(String(link?.url)))),
    "invite link": tokenOf(handOut(String(invite?.url))),
    "setup link": tokenOf(handOut(firstSetupUrl)),
    "GitHub's secret": CLIENT.clientSecret,
  };
  const kept = await Bun.file(join(folder, "desk/.config/farhand/credentials.json"))
    .json()
    .catch(() => ({ servers: {} }));
  for (const tokens of Object.values(kept.servers as Record<string, Record<string, unknown>>))
    for (const name of ["accessToken", "refreshToken"]) taken[`${name} of a desk`] = String(tokens[name]);
  // What is empty would be found nowhere, or everywhere, and show nothing.
  expect(Object.entries(taken).filter(([, secret]) => secret.length < 20)).toEqual([]);
  expect(Object.keys(taken).length).toBeGreaterThanOrEqual(chromium === null ? 8 : 10);
  await coordinator.stop();
  const secrets = [...Object.values(taken), ...handedOut];
  const texts = [coordinator.logged(), ...foreignLogs];
  for (const data of [settings.FARHAND_DATA ?? "", ...foreignData])
    for (const name of await readdir(data, { recursive: true, withFileTypes: true }))
      if (name.isFile())
        texts.push(Buffer.from(await Bun.file(join(name.parentPath, name.name)).bytes()).toString("latin1"));
  // That the search reads what it should: an invite's id is in the database.
  expect(texts.some((text) => text.includes(String(invite?.id)))).toBe(true);
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
  await start();
}, 60_000);
