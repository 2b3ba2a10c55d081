import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, newDevice, PHONE, signInByLink, WIDE } from "../screens/browser.ts";
import { playStory } from "../screens/play.ts";
import { isSeenOn, type Shot, type Stage, shotsOf, type TaskIds } from "../screens/shots.ts";
import { chapterOf, STORY } from "../screens/story.ts";
import { chromium } from "./support/chromium.ts";
import { violations } from "./support/violations.ts";
import { needed, openWorld, type World } from "./support/world.ts";

const isSkipped = chromium === null;
if (isSkipped) process.stdout.write("The app's accessibility is skipped: it needs a Chromium.\n");

let world: World;
let browser: Browser;
beforeAll(async () => {
  if (isSkipped) return;
  world = await openWorld(
    { FARHAND_WEB_APP: needed("FARHAND_WEB_APP"), FARHAND_SANDBOX: "process", FARHAND_MAX_WORKERS: "4" },
    { scenario: chapterOf(STORY) },
  );
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

/**
 * Controls that are smaller than a finger, in CSS pixels. Lines of code are as high as lines of text: whoever misses one
 * chooses another with the buttons that come with the choice.
 */
const SMALL_TARGETS = `[...document.querySelectorAll('button, a[href], [role=button], [role=link], [role=radio], [role=switch], [role=checkbox]')]
  .map((element) => ({ element, box: element.getBoundingClientRect() }))
  .filter(({ element, box }) => box.width > 0 && !/^Line \\d/.test(element.ariaLabel ?? "") && element.tabIndex >= 0 && (box.width < 43.5 || box.height < 43.5))
  .map(({ element, box }) => \`\${Math.round(box.width)} × \${Math.round(box.height)}: \${element.getAttribute("aria-label") ?? element.textContent}\`)`;

/** Until what is seen stays as it is for a moment, or only a stream moves it. */
async function settled(page: Page): Promise<void> {
  let before = "";
  for (let tries = 0; tries < 100; tries++) {
    const now = await page.evaluate<string>(
      `document.querySelector("[aria-busy=true]") || !document.querySelector("main, [role=main]") ? "" : document.body.innerText`,
    );
    if (now !== "" && now === before) return;
    before = now;
    await page.waitForTimeout(60);
  }
}

interface Seen {
  wrong: Record<string, string[]>;
  small: Record<string, string[]>;
  /** What did not open, and why. */
  shut: Record<string, string>;
  paths: string[];
}

/** Opens all that can be seen at one stage, and gathers what is wrong with it. */
async function look(page: Page, seen: Seen, stage: Stage, ids?: TaskIds): Promise<void> {
  const size = page.viewportSize() ?? PHONE;
  const isPhone = size.width < 600;
  const to = async (path: string) => {
    await page.context().setOffline(false);
    await page.goto(`${world.client.baseUrl}${path}`);
    await settled(page);
  };
  const note = (kind: "wrong" | "small", name: string, found: string[]) => {
    if (found.length > 0) seen[kind][name] = found;
  };
  const shots = shotsOf(ids).filter((it: Shot) => it.stage === stage && isSeenOn(it, size));
  // The phone is looked at in both themes, and the wide screen, whose colours are the same, in the dark.
  await page.emulateMedia({ colorScheme: isPhone ? "light" : "dark" });
  for (const shot of shots) {
    try {
      await shot.open(page, to);
    } catch (error) {
      seen.shut[shot.name] = String(error);
      continue;
    }
    await settled(page);
    seen.paths.push(new URL(page.url()).pathname);
    note("wrong", shot.name, await violations(page));
    if (!isPhone) continue;
    note("small", shot.name, await page.evaluate<string[]>(SMALL_TARGETS));
    await page.emulateMedia({ colorScheme: "dark" });
    await settled(page);
    // Nothing but the colours is another in the dark.
    note("wrong", `${shot.name} in the dark`, await violations(page, "color-contrast"));
    await page.emulateMedia({ colorScheme: "light" });
  }
}

const seen: Record<"phone" | "wide", Seen> = {
  phone: { wrong: {}, small: {}, shut: {}, paths: [] },
  wide: { wrong: {}, small: {}, shut: {}, paths: [] },
};

test.skipIf(isSkipped)(
  "every screen and sheet opens, on a phone and on a wide screen",
  async () => {
    const devices = await Promise.all(
      (
        [
          ["phone", PHONE],
          ["wide", WIDE],
        ] as const
      ).map(async ([name, size]) => ({
        page: await (await newDevice(browser, { size, scale: 1 })).newPage(),
        seen: seen[name],
      })),
    );
    for (const { page, seen } of devices) {
      await look(page, seen, "signed-out");
      await signInByLink(page, (await world.client.makeSignInLink()).url);
      await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
      await look(page, seen, "no-tasks");
    }
    const ids = await playStory(world);
    await Promise.all(devices.map(({ page, seen }) => look(page, seen, "told", ids)));
    expect([seen.phone.shut, seen.wide.shut]).toEqual([{}, {}]);
  },
  1_200_000,
);

test.skipIf(isSkipped)("axe finds nothing wrong on any of them, in the light or in the dark", () => {
  expect({ phone: seen.phone.wrong, wide: seen.wide.wrong }).toEqual({ phone: {}, wide: {} });
});

test.skipIf(isSkipped)("on a phone all that can be pressed is as large as a finger", () => {
  expect(seen.phone.small).toEqual({});
});

test.skipIf(isSkipped)("no page of the app is left out", async () => {
  const app = join(import.meta.dir, "../../packages/mobile/src/app");
  const routes = [...new Glob("**/*.tsx").scanSync(app)]
    .filter((file) => !/_layout|\+not-found|auth\//.test(file))
    .map((file) =>
      `/${file.replace(/\(main\)\//, "").replace(/(index)?\.tsx$/, "")}`.replace(/(.)\/$/, "$1"),
    );
  const missing = routes.filter(
    (route) => !seen.phone.paths.some((path) => new RegExp(`^${route.replace("[id]", "[^/]+")}$`).test(path)),
  );
  expect(routes.length).toBeGreaterThan(15);
  expect(missing).toEqual([]);
});
