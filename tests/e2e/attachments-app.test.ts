import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { complaintsOf, newDevice, PHONE, signInByLink, until, WIDE } from "../screens/browser.ts";
import { type AppWorld, isAppSkipped as isSkipped, openAppWorld } from "./support/app-world.ts";
import type { World } from "./support/world.ts";

let app: AppWorld;
let world: World;
let browser: Browser;
if (isSkipped)
  process.stdout.write("Photos and files in a browser are skipped: they need Docker and a Chromium.\n");

beforeAll(async () => {
  if (isSkipped) return;
  app = await openAppWorld();
  ({ world, browser } = app);
});
afterAll(() => app?.[Symbol.asyncDispose]());

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SHOT = { name: "screenshot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") };
const NOTES = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Two pixels too low.\n") };

async function signedInPage(size: typeof PHONE): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await newDevice(browser, { size })).newPage();
  const complaints = complaintsOf(page);
  const { url: link } = await world.client.makeSignInLink();
  await signInByLink(page, link);
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  return { page, complaints };
}

async function choose(page: Page, ...files: (typeof SHOT)[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByTestId("attach").click();
  await (await chooser).setFiles(files);
}

test.skipIf(isSkipped)(
  "a task with a photo and a file, made without a network and over a reload, reaches the agent once",
  async () => {
    const { page, complaints } = await signedInPage(PHONE);
    await page.goto(`${world.client.baseUrl}/new`);
    await page.getByTestId("repository").click();
    // The forge's list; nobody has typed an address.
    await page.getByRole("radio", { name: /octo\/shop/ }).click();
    await page.getByTestId("prompt").fill("Look at these. [scenario:look-at-attachments]");
    await choose(page, SHOT, NOTES);
    await page.getByText("notes.txt").first().waitFor();
    await page.getByLabel("Open screenshot.png").waitFor();

    await page.context().setOffline(true);
    await page.reload();
    await page.getByText("notes.txt").first().waitFor();
    await page.getByTestId("start-task").click();
    // The list stands below the form too, where it is not seen.
    await page.getByText("Not sent yet · 1").filter({ visible: true }).waitFor();
    await page.context().setOffline(false);
    await until(async () => (await world.client.listTasks()).tasks.length > 0);
    const [task] = (await world.client.listTasks()).tasks;
    const ended = await world.ended(task?.id ?? "");
    expect(ended.summary).toStartWith("I saw image/png of 1x1");
    expect((await world.client.listTasks()).tasks).toHaveLength(1);
    const [looked] = await world.bodies(ended.id, "tool.finished");
    expect(String(looked?.content)).toContain("Two pixels too low.");

    await page.goto(`${world.client.baseUrl}/task/${ended.id}`);
    await page.getByLabel("Open screenshot.png").click();
    await page.getByLabel("Picture screenshot.png").waitFor();
    // What the network's absence has made the browser say is no fault of the page's.
    expect(
      complaints.filter((it) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch|WebSocket/.test(it)),
    ).toEqual([]);
  },
  120_000,
);

/** As a browser gives an image that was copied: the page's policy lets nobody press real keys into its clipboard. */
const PASTE = `(() => {
  const bytes = Uint8Array.from(atob("${PNG}"), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  const field = document.querySelector('[data-testid="composer"]');
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
})()`;

test.skipIf(isSkipped)(
  "an image is pasted into the composer of a wide page, taken out, pasted again and sent",
  async () => {
    const task = await world.play("say-hello");
    const { page, complaints } = await signedInPage(WIDE);
    await page.goto(`${world.client.baseUrl}/task/${task.id}`);
    await page.getByTestId("composer").waitFor();
    await page.evaluate(PASTE);
    await page.getByLabel("Remove pasted.png").click();
    await page.getByLabel("Open pasted.png").waitFor({ state: "detached" });
    await page.evaluate(PASTE);
    await page.getByLabel("Open pasted.png").waitFor();
    await page.getByTestId("composer").fill("And this? [scenario:look-at-attachments]");
    await page.getByTestId("send").click();
    const ended = await world.ended(task.id, task.lastSeq);
    expect(ended.summary).toStartWith("I saw image/png of 1x1");
    const started = await world.bodies(task.id, "turn.started");
    expect(started.map(({ attachments = [] }) => attachments.map(({ name }) => name))).toEqual([
      [],
      ["pasted.png"],
    ]);
    await until(async () => (await page.getByTestId("attachments").count()) === 1);
    expect(complaints).toEqual([]);
  },
  120_000,
);
