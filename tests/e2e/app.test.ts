import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { complaintsOf, newDevice, PHONE, signInByLink, until, WIDE } from "../screens/browser.ts";
import { type AppWorld, isAppSkipped as isSkipped, openAppWorld } from "./support/app-world.ts";
import type { World } from "./support/world.ts";

let app: AppWorld;
let world: World;
let browser: Browser;
let url: string;
let setupUrl: string;
if (isSkipped) process.stdout.write("The app in a browser is skipped: it needs Docker and a Chromium.\n");

beforeAll(async () => {
  if (isSkipped) return;
  app = await openAppWorld();
  ({ world, browser } = app);
  const { announcement } = world.coordinator;
  if (announcement.event !== "listening") throw new Error("the coordinator does not listen");
  url = announcement.url;
  setupUrl = announcement.setupUrl ?? "";
});
afterAll(() => app?.[Symbol.asyncDispose]());

/** Whether the device keeps a task already; it does so within half a second. */
const KEPT_TASKS = `(async () => {
  for (const { name } of await indexedDB.databases()) {
    const opened = await new Promise((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    for (const store of opened.objectStoreNames) {
      const keys = await new Promise((resolve) => {
        const request = opened.transaction(store).objectStore(store).getAllKeys();
        request.onsuccess = () => resolve(request.result);
      });
      if (keys.some((key) => String(key).startsWith("task/"))) return true;
    }
    opened.close();
  }
  return false;
})()`;

/** A phone that is signed in, as whoever opened a link. */
const signedInPage = (size = PHONE): Promise<Page> => app.signedIn({ size });

test.skipIf(isSkipped)("the setup link leads into the app, and its page keeps to the policy", async () => {
  const page = await (await newDevice(browser, { size: PHONE })).newPage();
  const complaints = complaintsOf(page);
  await page.goto(url);
  await page.getByText("Nobody owns this server yet.").waitFor();
  await signInByLink(page, setupUrl);
  await page.getByRole("heading", { name: "No tasks yet" }).waitFor();
  expect(page.url()).toBe(`${url}/`);
  // Styles are really there: the policy would have taken them away.
  const color = await page.evaluate(
    `getComputedStyle(document.querySelector('[data-testid="new-task"]')).backgroundColor`,
  );
  expect(color).toBe("rgb(31, 95, 208)");
  // Asking who one is, before one is anybody, is refused: a browser calls that an error.
  expect(complaints.filter((it) => !it.includes("401"))).toEqual([]);
});

test.skipIf(isSkipped)("a task that is written in the app runs, and its row follows it", async () => {
  const page = await signedInPage();
  await page.getByTestId("new-task").click();
  await page.getByTestId("repository").click();
  await page.getByTestId("repository-search").fill(world.sample.cloneUrl);
  await page.getByTestId("use-repository").click();
  await page.getByTestId("prompt").fill("Say hello. [scenario:say-hello]");
  // Each letter is on the device: the page may go at any time.
  await page.reload();
  const prompt = page.getByTestId("prompt");
  await until(async () => (await prompt.inputValue()) === "Say hello. [scenario:say-hello]");
  await page.getByTestId("start-task").click();
  await page.getByRole("link", { name: /Say hello.*Done/ }).waitFor({ timeout: 60_000 });
});

test.skipIf(isSkipped)(
  "without the network the app opens with what the device keeps, and says so",
  async () => {
    const page = await signedInPage();
    await page.getByRole("link", { name: /Say hello/ }).waitFor();
    await until(async () => (await page.evaluate(KEPT_TASKS)) === true);
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    // Once more, so that the worker has seen the page's files.
    await page.reload();
    await page.getByRole("link", { name: /Say hello/ }).waitFor();
    await page.context().setOffline(true);
    await page.goto(`${url}/`);
    await page.getByRole("link", { name: /Say hello/ }).waitFor();
    await page.getByText("Offline. You see what this device keeps.").waitFor();
    await page.getByRole("button", { name: "Actions for Say hello" }).first().click();
    await page.getByRole("button", { name: "Archive" }).click();
    await page.context().setOffline(false);
    await page.getByRole("radio", { name: "Archived" }).click();
    await page.getByRole("link", { name: /Say hello.*Archived/ }).waitFor({ timeout: 60_000 });
  },
);

test.skipIf(isSkipped)(
  "on a wide screen the list stands beside the task, and the keyboard does it all",
  async () => {
    const { id } = await world.play("say-hello", { prompt: "Another hello. [scenario:say-hello]" });
    const page = await signedInPage(WIDE);
    await page.getByRole("heading", { name: "Choose a task" }).waitFor();
    await page.getByRole("link", { name: /Another hello/ }).waitFor();
    await page.keyboard.press("j");
    await page.waitForURL(`${url}/task/${id}`);
    expect(await page.getByRole("heading", { name: "Tasks", exact: true }).isVisible()).toBe(true);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await until(async () => (await page.evaluate("document.documentElement.style.colorScheme")) === "dark");
    await page.goto(`${url}/task/${id}?x=1`);
    await page.getByRole("heading", { name: /Another hello/, level: 1 }).waitFor();
  },
);

test.skipIf(isSkipped)("signing out leaves nothing on the device", async () => {
  const page = await signedInPage();
  await page.goto(`${url}/settings`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Setup or sign-in link").waitFor();
  expect(await page.evaluate("fetch('/api/me').then((answer) => answer.status)")).toBe(401);
  expect(await page.evaluate("localStorage.getItem('farhand.account')")).toBeNull();
  await page.goto(`${url}/`);
  await page.getByText("Setup or sign-in link").waitFor();
});
