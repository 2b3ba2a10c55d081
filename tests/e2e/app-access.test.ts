import { afterAll, beforeAll, expect, test } from "bun:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, newDevice, PHONE, signInByLink, WIDE } from "../screens/browser.ts";
import { chromium } from "./support/chromium.ts";
import { noDocker } from "./support/docker.ts";
import { needed, openWorld, type World } from "./support/world.ts";

let world: World;
let browser: Browser;
let url: string;
const isSkipped = noDocker || chromium === null;
if (isSkipped) process.stdout.write("The app's accessibility is skipped: it needs Docker and a Chromium.\n");

beforeAll(async () => {
  if (isSkipped) return;
  world = await openWorld({ FARHAND_WEB_APP: needed("FARHAND_WEB_APP") });
  url = world.client.baseUrl;
  browser = await launchBrowser();
  await world.play("say-hello");
  await world.play("bad-request");
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

/** What axe finds wrong with what is seen now, each with the first element that it is about. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.AxeResults>("axe.run()");
  return found.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 200)} (${nodes.length})`,
  );
}

const SCREENS: [path: string, seen: string][] = [
  ["/", "Tasks"],
  ["/new", "New task"],
  ["/settings", "Settings"],
  ["/settings/keys", "Claude key"],
  ["/settings/forges", "Forges"],
  ["/settings/models", "Model"],
  ["/settings/budgets", "Budgets and costs"],
  ["/settings/egress", "Network"],
  ["/settings/notifications", "Notifications"],
  ["/settings/appearance", "Appearance"],
  ["/settings/devices", "Devices"],
  ["/settings/health", "Server"],
  ["/settings/about", "About"],
];

for (const [name, size, isDark] of [
  ["a phone", PHONE, false],
  ["a phone in the dark", PHONE, true],
  ["a wide screen", WIDE, false],
] as const)
  test.skipIf(isSkipped)(`axe finds nothing wrong on ${name}`, async () => {
    const page = await (await newDevice(browser, { size, isDark })).newPage();
    const wrong: Record<string, string[]> = {};
    const look = async (what: string) => {
      const found = await violations(page);
      if (found.length > 0) wrong[what] = found;
    };
    await page.goto(url);
    await page.getByText("Setup or sign-in link").waitFor();
    await look("sign-in");
    await signInByLink(page, (await world.client.makeSignInLink()).url);
    for (const [path, seen] of SCREENS) {
      await page.goto(`${url}${path}`);
      await page.getByRole("heading", { name: seen, exact: true }).first().waitFor();
      await page.waitForLoadState("networkidle");
      await look(path);
    }
    await page.goto(url);
    await page
      .getByRole("button", { name: /^Actions for/ })
      .first()
      .click();
    await page.getByRole("dialog").waitFor();
    await look("actions");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Show the connection/ }).click();
    await page.getByRole("dialog").waitFor();
    await look("connection");
    await page.keyboard.press("Escape");
    await page.getByRole("link").first().click();
    await page.waitForURL(/\/task\//);
    await page.waitForLoadState("networkidle");
    await look("task");
    expect(wrong).toEqual({});
  });
