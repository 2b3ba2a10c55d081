import { afterAll, beforeAll, expect, test } from "bun:test";
import { DENIED, PushNotification } from "@farhand/protocol";
import { type Subscription, startWebPushService, type WebPushService } from "@farhand/simulators/push";
import type { Page } from "playwright-core";
import { PHONE, until } from "../screens/browser.ts";
import { type Chapter, chapterOf, STORY } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { type BrowserPush, openBrowserPush, subscribeAt } from "./support/browser-push.ts";
import { git } from "./support/git.ts";
import { canOpenOffline, goOffline, goOnline, keeps } from "./support/offline.ts";
import { violations } from "./support/violations.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped)
  process.stdout.write("Notifications in a browser are skipped: they need Docker and a Chromium.\n");

const ask = (question: string, ...options: string[]) => ({
  name: "ask_user",
  input: { question, options },
});

const write = (file_path: string, content: string) => ({ name: "write", input: { file_path, content } });
const finish = (title: string, summary: string) => ({ name: "finish", input: { title, summary } });

/** More than a phone shows at once. */
const LONG = Array.from({ length: 60 }, (_, index) => `- price ${index + 1}`).join("\n");

const CHAPTERS = {
  approval: STORY.approval,
  denied: {
    prompt: "Run the tests nightly, and say in a file how they are run.",
    scenario: {
      name: "denied",
      description: "Takes its workflow back when it is denied.",
      turns: [
        {
          text: "I'll add both.",
          toolUses: [
            write(".github/workflows/nightly.yml", "on: { schedule: [{ cron: '0 3 * * *' }] }\njobs: {}\n"),
            write("TESTING.md", "`node --test` runs them.\n"),
            finish("Run the tests at night", "There is a workflow."),
          ],
        },
        {
          text: "I take it back.",
          toolUses: [
            { name: "bash", input: { command: "rm -r .github" } },
            finish("Say how the tests are run", "Without a workflow."),
          ],
        },
      ],
    },
  },
  question: {
    prompt: "Ask me about the currency.",
    scenario: {
      name: "currency",
      description: "Asks with choices.",
      turns: [{ text: LONG, toolUses: [ask("Which currency?", "Euro", "Franc")] }, { text: "Thank you." }],
    },
  },
} satisfies Record<string, Chapter>;

let app: AppWorld;
let world: World;
let service: WebPushService;
let page: Page;
let push: BrowserPush;
/** What the phone is subscribed as. */
let subscription: () => Subscription | null;
beforeAll(async () => {
  if (isAppSkipped) return;
  service = await startWebPushService();
  app = await openAppWorld({}, { scenario: chapterOf(CHAPTERS) });
  world = app.world;
  page = await app.signedIn({}, async (context) => {
    await context.grantPermissions(["notifications"]);
    subscription = await subscribeAt(context, service);
  });
  push = await openBrowserPush(page);
});
afterAll(async () => {
  await push?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
});

/** Brings the browser the first message that the coordinator has sent under this tag: what others are told comes when it likes. */
async function bring(tag: string): Promise<void> {
  const sent = () =>
    service.messages.find(({ text }) => PushNotification.parse(JSON.parse(text)).tag === tag);
  await until(async () => sent() !== undefined);
  await push.deliver(sent()?.text ?? "");
}

const settings = () => page.goto(`${world.client.baseUrl}/settings/notifications`);
const here = (on: Page = page) => on.getByRole("switch", { name: /^On this device/ });
const isOn = async (on: Page = page) => (await here(on).getAttribute("aria-checked")) === "true";

test.skipIf(isAppSkipped)(
  "a phone is switched on in the settings, is tried, and comes to be called by its name",
  async () => {
    await settings();
    await here().click();
    await until(isOn);
    expect(await violations(page)).toEqual([]);
    expect((await world.client.devices()).devices).toMatchObject([
      { label: "Chrome, Linux", channel: "web" },
    ]);
    await page.getByRole("button", { name: "Send a test" }).click();
    await bring("test");
    expect(await push.showing(1)).toMatchObject([{ title: "Farhand", body: "Notifications arrive here." }]);
    await page.goto(world.client.baseUrl);
    await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
    await push.tap("test");
    await page.waitForURL(/\/settings\/notifications$/);
    await until(isOn);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "what is held back is let through from its notification",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.approval.prompt });
    const ended = await world.ended(id);
    await bring(id);
    const [shown] = await push.showing(1);
    expect(shown).toMatchObject({
      title: "Approval needed · Run the tests on every push",
      body: ended.failure?.message ?? "",
      tag: id,
      actions: [
        { action: "allow", title: "Allow once" },
        { action: "deny", title: "Deny" },
      ],
    });
    await push.tap(id, "allow");
    await push.showing(0);
    await world.until(id, (body) => body.type === "state.changed" && body.to === "idle");
    expect(await world.bodies(id, "approval.given")).toHaveLength(1);
    expect(world.sample.pulls).toMatchObject([{ title: "Run the tests on every push" }]);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "what is let through from its notification without a network is kept on the device, and arrives once",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.approval.prompt });
    await world.ended(id);
    await bring(id);
    await push.showing(1);
    await app.openTask(page, id);
    const card = page.getByRole("group", { name: "Needs your approval" });
    await card.waitFor();
    await keeps(page, world, id);
    await page.goto(world.client.baseUrl);
    await canOpenOffline(page);
    await goOffline(page);
    await push.tap(id, "allow");
    await page.waitForURL(new RegExp(`/task/${id}`));
    const waits = card.getByText(/There is no connection/);
    await waits.waitFor();
    await page.reload();
    await waits.waitFor();
    expect(await world.bodies(id, "approval.given")).toEqual([]);
    await goOnline(page);
    await world.until(id, (body) => body.type === "state.changed" && body.to === "idle");
    expect(await world.bodies(id, "approval.given")).toHaveLength(1);
    await waits.waitFor({ state: "detached" });
    await push.showing(0);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "what is held back is denied from its notification: the agent is told to take it back, and nothing of it is published",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.denied.prompt });
    await world.ended(id);
    await bring(id);
    expect(await push.showing(1)).toMatchObject([
      { tag: id, title: "Approval needed · Run the tests at night" },
    ]);
    await push.tap(id, "deny");
    await push.showing(0);
    await world.until(
      id,
      (body) => body.type === "turn.finished" && body.title === "Say how the tests are run",
    );
    expect((await world.bodies(id, "turn.started")).at(-1)?.text).toBe(DENIED.workflows);
    const { files } = await world.client.diff(id, { from: "base", to: "latest" });
    expect(files.map(({ path }) => path)).toEqual(["TESTING.md"]);
    // It asks no second time, and what was held back stays out of all that is published.
    await world.until(id, (body) => body.type === "state.changed" && body.to === "idle");
    expect(await world.bodies(id, "approval.given")).toEqual([]);
    const published = await world.bodies(id, "branch.published");
    expect(published).toMatchObject([{ filesChanged: 1 }]);
    const { path } = world.sample;
    const commit = published[0]?.commit ?? "";
    const held = ["log", "--full-history", "--format=%h", commit, "--", ".github/workflows/nightly.yml"];
    expect(await git(["-C", path, ...held])).toBe("");
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a question says what it asks, and a tap leads to its card",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.question.prompt });
    await bring(id);
    const [shown] = await push.showing(1);
    expect(shown).toMatchObject({
      title: "Question · Ask me about the currency.",
      body: "Which currency?\n1. Euro\n2. Franc",
      actions: [
        { action: "option-1", title: "Euro" },
        { action: "option-2", title: "Franc" },
      ],
    });
    const button = page.getByRole("button", { name: "Franc" });
    const isSeen = async () => {
      const box = (await button.count()) === 1 ? await button.boundingBox() : null;
      return box !== null && box.y > 0 && box.y + box.height < PHONE.height;
    };
    // Also where the window shows the task, and its reader has gone back to read.
    await page.goto(`${world.client.baseUrl}/task/${id}`);
    await until(isSeen);
    const readElsewhere = async () => {
      await page.getByRole("log").hover();
      await until(async () => {
        await page.mouse.wheel(0, -2000);
        return !(await isSeen());
      });
    };
    await readElsewhere();
    await push.tap(id);
    await until(isSeen);

    // The same once more, as a push service may bring it: it takes the place of the first, and leads to the card again.
    await bring(id);
    expect(await push.showing(1)).toHaveLength(1);
    await readElsewhere();
    await push.tap(id);
    await until(isSeen);
    expect(new URL(page.url()).pathname).toBe(`/task/${id}`);

    // A button answers.
    await bring(id);
    await push.showing(1);
    await push.tap(id, "option-2");
    await page.getByText("Answered: Franc").first().waitFor();
    await world.ended(id);
    expect((await world.bodies(id, "question.answered")).map(({ answer }) => answer)).toEqual(["Franc"]);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "where somebody looks at the task nothing is sent, until they look away",
  async () => {
    const elsewhere = service.subscribe((await world.client.vapidKey()).publicKey);
    const other = await world.client.registerDevice({
      label: "Elsewhere",
      target: { channel: "web", subscription: elsewhere },
    });
    const { id } = await world.create({ prompt: CHAPTERS.approval.prompt });
    const told = (isHere: boolean) =>
      service.messages
        .filter(({ subscription }) => elsewhere.endpoint.endsWith(subscription) !== isHere)
        .map(({ text }) => PushNotification.parse(JSON.parse(text)))
        .filter(({ taskId }) => taskId === id)
        .map(({ kind }) => kind);
    await page.goto(`${world.client.baseUrl}/task/${id}`);
    await page.getByRole("group", { name: "Needs your approval" }).waitFor();
    await until(async () => told(false).length === 1);
    await page.getByRole("button", { name: "Back", exact: true }).click();
    await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
    await world.client.approve(id, { kind: "workflows" });
    await until(async () => told(true).length === 1 && told(false).length === 2);
    expect([told(false), told(true)]).toEqual([["needs-you", "finished"], ["finished"]]);
    await world.client.removeDevice(other.id);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a phone that the browser has given another address is registered anew when the app opens",
  async () => {
    const old = subscription();
    await settings();
    await page.getByRole("switch", { name: "A task is done" }).click();
    await until(async () => (await world.client.devices()).devices[0]?.kinds.finished === false);
    const [before] = (await world.client.devices()).devices;
    await page.evaluate("__unsubscribe()");
    await page.goto(world.client.baseUrl);
    await until(async () => {
      const { devices } = await world.client.devices();
      return devices.length === 1 && devices[0]?.id !== before?.id;
    });
    expect(subscription()?.endpoint).not.toBe(old?.endpoint);
    const [device] = (await world.client.devices()).devices;
    expect(device?.kinds).toEqual({ "needs-you": true, finished: false, failed: true });
    const count = service.messages.length;
    expect(await world.client.testDevice(device?.id ?? "")).toMatchObject({ status: "sent" });
    expect(subscription()?.endpoint).toEndWith(service.messages[count]?.subscription ?? "?");
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a browser that does not allow it has no switch to press, and is told what to do",
  async () => {
    // Chromium denies what is not among what was granted.
    const strict = await app.signedIn({}, (context) => context.grantPermissions(["geolocation"]));
    await strict.goto(`${world.client.baseUrl}/settings/notifications`);
    await strict
      .getByText(/This device does not allow it/)
      .first()
      .waitFor();
    expect(await here(strict).isDisabled()).toBe(true);
    await strict.getByText("Chrome, Linux").click();
    await strict
      .getByRole("dialog")
      .getByRole("button", { name: /^Remove/ })
      .waitFor();
    expect(await violations(strict)).toEqual([]);
    await strict.keyboard.press("Escape");
    await strict.getByRole("button", { name: "Add an ntfy topic" }).click();
    await strict.getByRole("textbox", { name: "Topic" }).fill("no topic");
    await strict.getByRole("button", { name: "Add", exact: true }).click();
    await strict
      .getByText(/A topic has up to 64/)
      .first()
      .waitFor();
    expect(await violations(strict)).toEqual([]);
    await strict.context().close();
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "whoever signs out is reached no more, on the device and on the server",
  async () => {
    const endpoint = subscription()?.endpoint ?? "";
    await page.goto(`${world.client.baseUrl}/settings`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Setup or sign-in link").first().waitFor();
    expect(subscription()).toBeNull();
    expect(endpoint).not.toBe("");
    await until(async () => (await world.client.devices()).devices.length === 0);
  },
  60_000,
);
