import { startGitHubSimulator } from "@farhand/simulators/github";
import type { CookieJar } from "./cookie-jar.ts";
import { freePort, openSignInWorld, type SignInWorld } from "./sign-in-world.ts";

export const CLIENT = { clientId: "Iv1.farhand", clientSecret: "a-secret-of-the-provider" };

/** A server where one signs in with a GitHub that mara and noor have accounts at. @param root for its repositories */
export async function withGitHub(root: string) {
  const port = await freePort();
  const github = await startGitHubSimulator({
    tokens: { ghp_mara: "mara", ghp_noor: "noor" },
    root,
    oauthApps: [{ ...CLIENT, redirectUri: `http://127.0.0.1:${port}/api/auth/callback/github` }],
  });
  const world = await openSignInWorld({
    port,
    providers: { github: { ...CLIENT, webUrl: github.url, apiUrl: github.apiUrl } },
  });
  return both(world, github);
}

export const both = <T extends AsyncDisposable>(world: SignInWorld, service: T) => ({
  world,
  service,
  async [Symbol.asyncDispose]() {
    await world[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  },
});

/** Goes to the provider's page. */
export async function goTo(browser: CookieJar, provider: string, next = "") {
  return browser.follow(await browser.ask(`/sign-in/with/${provider}?next=${encodeURIComponent(next)}`));
}

/** Goes to the provider to add its account. */
export async function add(browser: CookieJar, provider: string) {
  const page = await (await browser.submit("/signed-in/add", { provider })).text();
  const link = /<a class="button" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
  return browser.follow(await browser.ask(link));
}
