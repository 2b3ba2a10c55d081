/**
 * Takes pictures of the app's screens as a real server serves them, into `docs/screens/` or the folder that is given:
 *
 *   FARHAND_WORKER_BINARY=… FARHAND_WORKER_IMAGE=… FARHAND_WEB_APP=… bun tests/screens/main.ts [folder] [name of a screen]
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { needed, openWorld } from "../e2e/support/world.ts";
import { complaintsOf, launchBrowser, newDevice, PHONE, signInByLink, WIDE } from "./browser.ts";
import { playStory } from "./play.ts";
import { isSeenOn, type Shot, type Stage, shotsOf } from "./shots.ts";
import { chapterOf, STORY } from "./story.ts";
import { toWebp } from "./webp.ts";

const [, , given, wanted] = process.argv;
const folder = resolve(given ?? join(import.meta.dir, "../../docs/screens"));
await mkdir(folder, { recursive: true });

await using world = await openWorld(
  { FARHAND_WEB_APP: needed("FARHAND_WEB_APP"), FARHAND_MAX_WORKERS: "8" },
  { scenario: chapterOf(STORY) },
);
const url = world.client.baseUrl;

const DESK = { ...WIDE, width: 1440, height: 900 };
interface Look {
  look: string;
  size: typeof PHONE;
  scale: number;
  isDark: boolean;
  /** Of these, a few are enough: what differs from the phone's dark is the room alone. */
  of?: readonly string[];
}
const LOOKS: Look[] = [
  { look: "phone-light", size: PHONE, scale: 2, isDark: false },
  { look: "phone-dark", size: PHONE, scale: 2, isDark: true },
  { look: "wide-light", size: DESK, scale: 1, isDark: false },
  { look: "wide-dark", size: DESK, scale: 1, isDark: true, of: ["chat", "files", "commands"] },
];

const browser = await launchBrowser();
let isClean = true;
try {
  const devices = await Promise.all(
    LOOKS.map(async (device) => ({ ...device, page: await (await newDevice(browser, device)).newPage() })),
  );
  for (const device of devices) await takeAll(device, "signed-out");
  for (const { page } of devices) {
    await signInByLink(page, (await world.client.makeSignInLink()).url);
    await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
  }
  for (const device of devices) await takeAll(device, "no-tasks");
  const ids = await playStory(world);
  for (const device of devices) {
    const complaints = complaintsOf(device.page);
    await takeAll(device, "told", ids);
    // A page without the network complains that it has none.
    const others = complaints.filter((text) => !text.includes("ERR_INTERNET_DISCONNECTED"));
    for (const complaint of others) process.stdout.write(`the page complains: ${complaint}\n`);
    isClean &&= others.length === 0;
    await device.page.context().close();
  }
} finally {
  await browser.close();
}
process.exitCode = isClean ? 0 : 1;

async function takeAll(
  { page, of, size, look }: Look & { page: Page },
  stage: Stage,
  ids?: Parameters<typeof shotsOf>[0],
): Promise<void> {
  for (const shot of shotsOf(ids)) {
    const isWanted = wanted === undefined ? (of?.includes(shot.name) ?? true) : shot.name === wanted;
    if (shot.stage === stage && !shot.isPlain && isWanted && isSeenOn(shot, size))
      await take(page, shot, look);
  }
}

async function take(page: Page, { name, open }: Shot, look: string): Promise<void> {
  await open(page, async (path) => {
    await page.context().setOffline(false);
    await page.goto(`${url}${path}`);
    await page.waitForLoadState("networkidle");
  });
  await settled(page);
  const picture = await toWebp(browser, await page.screenshot());
  await Bun.write(join(folder, `${name}-${look}.webp`), picture);
  process.stdout.write(`${name}-${look}.webp ${Math.round(picture.length / 1024)} KiB\n`);
}

/** Until nothing has changed for a moment: pictures are of what a person sees who has waited. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  // What was missed since the last picture is no news to anybody.
  await page
    .getByText(/^Caught up/)
    .first()
    .waitFor({ state: "detached" });
  await page.waitForTimeout(700);
}
