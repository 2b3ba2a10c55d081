import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, newDevice, PHONE, signInByLink, until } from "../screens/browser.ts";
import { chromium } from "./support/chromium.ts";
import { type FrontProxy, startFrontProxy } from "./support/front-proxy.ts";
import { needed, openWorld, type World } from "./support/world.ts";

const isSkipped = chromium === null;
if (isSkipped) process.stdout.write("The app's page around the app is skipped: it needs a Chromium.\n");

let proxy: FrontProxy;
let world: World;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  if (isSkipped) return;
  world = await openWorld({
    FARHAND_WEB_APP: needed("FARHAND_WEB_APP"),
    FARHAND_SANDBOX: "process",
  });
  proxy = await startFrontProxy(world.client.baseUrl);
  await world.play("say-hello", { prompt: "Say hello. [scenario:say-hello]" });
  browser = await launchBrowser();
  page = await (await newDevice(browser, { size: PHONE })).newPage();
  const { pathname, search } = new URL((await world.client.makeSignInLink()).url);
  await signInByLink(page, `${proxy.url}${pathname}${search}`);
  await list().waitFor();
  // The worker keeps the page and what it names.
  await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
  await page.reload();
  await until(async () => (await page.evaluate(IS_KEPT)) === true);
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
});

const list = () => page.getByRole("link", { name: /Say hello/ });
const IS_KEPT = `caches.match("/").then((kept) => kept !== undefined && navigator.serviceWorker.controller !== null)`;

test.skipIf(isSkipped)(
  "a server that takes a request and never answers does not keep the app from opening",
  async () => {
    proxy.turn("silent");
    await page.goto(`${proxy.url}/`);
    await list().waitFor();
  },
);

test.skipIf(isSkipped).each([
  ["a proxy that cannot reach the server", { status: 502, page: "<h1>Bad gateway</h1>" }],
  ["a proxy whose server is too slow", { status: 504, page: "<h1>Gateway timeout</h1>" }],
  [
    "a network that wants to be signed in to",
    { status: 200, page: '<div id="root">Welcome to the hotel</div>' },
  ],
] as const)("%s is neither shown in the app's place nor kept", async (_, mode) => {
  proxy.turn(mode);
  await page.goto(`${proxy.url}/`);
  await list().waitFor();
  await page.context().setOffline(true);
  await page.goto(`${proxy.url}/settings`);
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.context().setOffline(false);
  proxy.turn("through");
  await page.goto(`${proxy.url}/`);
  await list().waitFor();
});

test.skipIf(isSkipped)("a wrong address is said to be one, and leads home", async () => {
  proxy.turn("through");
  const answer = await page.goto(`${proxy.url}/no/such/page`);
  expect(answer?.status()).toBe(404);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.getByRole("button", { name: "Go to your tasks" }).click();
  await list().waitFor();
  expect(page.url()).toBe(`${proxy.url}/`);
});

test.skipIf(isSkipped)("a browser finds nothing that keeps the page from being installed", async () => {
  proxy.turn("through");
  await page.goto(`${proxy.url}/`);
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A browser for tests has no profile that anything could be installed into.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);

  const manifest = JSON.parse(data ?? "");
  expect(manifest).toMatchObject({
    name: "Farhand",
    id: "/",
    start_url: "/",
    scope: "/",
    display: "standalone",
  });
  const sizes = await page.evaluate(
    `Promise.all(${JSON.stringify(manifest.icons)}.map(async ({ src, sizes, type }) => {
      const answer = await fetch(src);
      const isTyped = answer.headers.get("content-type") === type;
      if (sizes === "any") return [src, isTyped, sizes];
      const { width, height } = await createImageBitmap(await answer.blob());
      return [src, isTyped, width + "x" + height];
    }))`,
  );
  expect(sizes).toEqual(manifest.icons.map(({ src, sizes }: Record<string, string>) => [src, true, sizes]));
  expect(manifest.icons.map(({ purpose }: { purpose?: string }) => purpose ?? "any")).toContain("maskable");
  const splash = await page.evaluate(`getComputedStyle(document.documentElement).backgroundColor`);
  // The colour of the splash is the colour of the page, so that nothing flashes between them.
  expect([splash, manifest.background_color]).toEqual(["rgb(246, 247, 249)", "#f6f7f9"]);
});
