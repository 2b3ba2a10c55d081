import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { chromium as installed } from "../e2e/support/chromium.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing here is to leave the machine, whatever a page names.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/**
 * The Chromium of this machine, without a window. @throws where there is none
 * @param endsBySignals whether a signal to this program closes it and ends the program, at once
 */
export async function launchBrowser({ endsBySignals = true } = {}): Promise<Browser> {
  if (installed === null) throw new Error("there is no Chromium on this machine");
  const handled = { handleSIGINT: endsBySignals, handleSIGTERM: endsBySignals, handleSIGHUP: endsBySignals };
  return chromium.launch({ executablePath: installed, args: FLAGS, ...handled });
}

export const PHONE = { width: 390, height: 844 };
export const WIDE = { width: 1280, height: 800 };

/** A browser of its own kind, with its own cookies, as a phone or a desk has one. */
export function newDevice(
  browser: Browser,
  options: {
    size: { width: number; height: number };
    isDark?: boolean;
    scale?: number;
    /** What it keeps from before, such as who is signed in. */
    storageState?: Exclude<BrowserContextOptions["storageState"], string>;
  },
): Promise<BrowserContext> {
  const isPhone = options.size.width < 600;
  return browser.newContext({
    viewport: options.size,
    colorScheme: options.isDark ? "dark" : "light",
    hasTouch: isPhone,
    isMobile: isPhone,
    deviceScaleFactor: options.scale ?? 2,
    reducedMotion: "reduce",
    ...(options.storageState ? { storageState: options.storageState } : {}),
  });
}

/** Opens the one-time link in the page and presses its button: whoever did so owns the server. */
export async function signInByLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("button").first().click();
}

/** What the page complains about: errors of scripts, and what its policy forbids. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return complaints;
}

const PATIENCE_MS = 30_000;

/** Waits for something that a page comes to by itself. The page's policy forbids to have it watched from inside. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("the page did not come to it");
    await Bun.sleep(50);
  }
}
