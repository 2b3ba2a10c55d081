import type { ClaudeSimulatorOptions } from "@farhand/simulators/claude";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, newDevice, PHONE, signInByLink } from "../../screens/browser.ts";
import { chromium } from "./chromium.ts";
import { noDocker } from "./docker.ts";
import { needed, openWorld, type World } from "./world.ts";

/** The app needs a browser, and its tasks need real sandboxes. */
export const isAppSkipped = noDocker || chromium === null;

export interface AppWorld {
  world: World;
  browser: Browser;
  /** A device of its own whose person is signed in, on the list. `prepare` runs before its first page loads. */
  signedIn(device?: Device, prepare?: (context: BrowserContext) => Promise<void>): Promise<Page>;
  /** As a link that is opened: the page begins anew. `part` is what stands behind the task's address. */
  openTask(page: Page, taskId: string, part?: string): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Device = Partial<Parameters<typeof newDevice>[1]>;

/** A whole system with the app on it, and one browser for all the devices of a test file. */
export async function openAppWorld(
  change: Record<string, string> = {},
  model: Pick<ClaudeSimulatorOptions, "scenario" | "delayFactor"> = {},
): Promise<AppWorld> {
  const world = await openWorld({ FARHAND_WEB_APP: needed("FARHAND_WEB_APP"), ...change }, model);
  const browser = await launchBrowser();
  return {
    world,
    browser,
    async signedIn(device = {}, prepare) {
      const context = await newDevice(browser, { size: PHONE, ...device });
      await prepare?.(context);
      const page = await context.newPage();
      await signInByLink(page, (await world.client.makeSignInLink()).url);
      await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
      return page;
    },
    openTask: (page, taskId, part = "") => page.goto(`${world.client.baseUrl}/task/${taskId}${part}`),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await world[Symbol.asyncDispose]();
    },
  };
}
