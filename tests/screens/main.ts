/**
 * Takes pictures of the app's screens as a real server serves them, into `docs/screens/` or the folder that is given:
 *
 *   FARHAND_WORKER_BINARY=… FARHAND_WEB_APP=… bun tests/screens/main.ts [folder]
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { needed, openWorld } from "../e2e/support/world.ts";
import { complaintsOf, launchBrowser, newDevice, PHONE, signInByLink, WIDE } from "./browser.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dir, "../../docs/screens"));
await mkdir(folder, { recursive: true });

await using world = await openWorld({ FARHAND_WEB_APP: needed("FARHAND_WEB_APP") });
const { announcement } = world.coordinator;
if (announcement.event !== "listening") throw new Error("the coordinator does not listen");
const { url } = announcement;
const { id } = await world.create({
  prompt: "The tests of this project fail. Find out why and mend it. [scenario:fix-failing-test]",
});
await world.ended(id);
const { id: other } = await world.create({ prompt: "Say hello to the team. [scenario:say-hello]" });
await world.ended(other);

const SCREENS: [name: string, path: string][] = [
  ["tasks", "/"],
  ["new-task", "/new"],
  ["chat", `/task/${id}`],
  ["changes", `/task/${id}/changes`],
  ["files", `/task/${id}/files?file=README.md`],
  ["details", `/task/${id}/details`],
  ["settings", "/settings"],
];
const LOOKS = [
  { look: "phone-light", size: PHONE, isDark: false },
  { look: "phone-dark", size: PHONE, isDark: true },
  { look: "wide-light", size: { ...WIDE, width: 1440, height: 900 }, isDark: false },
  { look: "wide-dark", size: { ...WIDE, width: 1440, height: 900 }, isDark: true },
];

/** Until nothing has changed for a moment: pictures are of what a person sees who has waited. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(900);
}

const browser = await launchBrowser();
let isClean = true;
try {
  for (const { look, size, isDark } of LOOKS) {
    const page = await (await newDevice(browser, { size, isDark })).newPage();
    const { url: link } = await world.client.makeSignInLink();
    await signInByLink(page, link);
    await page.getByRole("heading", { name: "Tasks" }).first().waitFor();
    const complaints = complaintsOf(page);
    for (const [name, path] of SCREENS) {
      await page.goto(`${url}${path}`);
      await settled(page);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
      process.stdout.write(`${name}-${look}.png\n`);
    }
    for (const complaint of complaints) process.stdout.write(`the page complains: ${complaint}\n`);
    isClean &&= complaints.length === 0;
    await page.context().close();
  }
} finally {
  await browser.close();
}
process.exit(isClean ? 0 : 1);
