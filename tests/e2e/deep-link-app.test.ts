import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { newDevice, PHONE } from "../screens/browser.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { told } from "./support/offline.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("Links into the app are skipped: they need Docker and a Chromium.\n");

let app: AppWorld;
let world: World;
let taskId: string;
let place: string;
beforeAll(async () => {
  if (isAppSkipped) return;
  app = await openAppWorld();
  world = app.world;
  taskId = (await world.play("fix-failing-test")).id;
  place = `/task/${taskId}/changes?file=src%2Fmoney.js`;
});
afterAll(() => app?.[Symbol.asyncDispose]());

/** Gives the link to the sign-in page, as it came by another way. */
async function signInAt(page: Page): Promise<void> {
  const { url } = await world.client.makeSignInLink();
  await page.getByRole("textbox", { name: "Setup or sign-in link" }).fill(url);
  await page.getByRole("button", { name: "Open the link" }).click();
  await page.waitForURL(/\/link\?/);
  await page.getByRole("button").first().click();
}

const seesChanges = async (page: Page): Promise<void> => {
  await page.waitForURL((url) => url.pathname + url.search === place);
  await page.getByTestId("changed-files").waitFor();
};

test.skipIf(isAppSkipped)(
  "a link into a task that is opened by nobody leads there after signing in",
  async () => {
    const page = await (await newDevice(app.browser, { size: PHONE })).newPage();
    await page.goto(world.client.baseUrl + place);
    await signInAt(page);
    await seesChanges(page);
    await page.context().close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "a sign-in that ends asks for another at the first request, leads back, and loses nothing that was written",
  async () => {
    const page = await app.signedIn();
    await page.goto(`${world.client.baseUrl}/task/${taskId}`);
    await page.getByTestId("row-turn_end").waitFor();
    const { sessionId } = await page.evaluate<{ sessionId: string }>(
      "fetch('/api/me').then((answer) => answer.json())",
    );
    await world.client.endSession(sessionId);
    await page.getByTestId("composer").fill("Said too late.");
    await page.getByTestId("send").click();
    await page
      .getByText("Your sign-in has ended. Sign in again; what you have written is kept.")
      .first()
      .waitFor();
    expect(await told(world, taskId)).toEqual([]);

    await signInAt(page);
    await page.waitForURL((url) => url.pathname === `/task/${taskId}`);
    await world.until(taskId, (body) => body.type === "turn.started" && body.turn === 2);
    await page.getByText("Said too late.").first().waitFor();
    expect(await told(world, taskId)).toEqual(["Said too late."]);
    await page.context().close();
  },
  120_000,
);
