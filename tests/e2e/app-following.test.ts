import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { begin, done, type Farhand, give, openFarhand, SAID, saidDone } from "../bench/app/farhand.ts";
import type { Order } from "../bench/app/orders.ts";
import { drawn } from "../bench/app/page.ts";
import { launchBrowser, until } from "../screens/browser.ts";
import { isAppSkipped } from "./support/app-world.ts";

if (isAppSkipped) process.stdout.write("Following the app's chat is skipped: it needs a Chromium.\n");

/** More in a second than a model says in a minute, so that the page is never at rest. */
const PER_SECOND = 1_200;
const torrent = (id: string, seconds: number): Order => ({
  id,
  updates: seconds * PER_SECOND,
  perSecond: PER_SECOND,
  isLast: true,
});

let browser: Browser;
let farhand: Farhand;
beforeAll(async () => {
  if (isAppSkipped) return;
  browser = await launchBrowser();
  farhand = await openFarhand(browser);
});
afterAll(async () => {
  await farhand?.[Symbol.asyncDispose]();
  await browser?.close();
});

/** A task that waits for orders, with something to scroll in, as a phone shows it. */
async function openTask(name: string): Promise<{ id: string; device: BrowserContext; page: Page }> {
  const start = { id: name, events: 200 };
  const id = await begin(farhand.world, start);
  const device = await farhand.device();
  const page = await device.newPage();
  await page.goto(farhand.taskUrl(id));
  await drawn(page, SAID, saidDone(start));
  await page.evaluate(WATCH);
  return { id, device, page };
}

/** Counts, frame by frame, how often the list did not follow its end. */
const WATCH = `(() => {
  const watch = (globalThis.following = { frames: 0, left: 0 });
  const look = () => {
    watch.frames += 1;
    if (document.querySelector('[data-testid="to-end"]')) watch.left += 1;
    requestAnimationFrame(look);
  };
  look();
})()`;
const watched = (page: Page): Promise<{ frames: number; left: number }> =>
  page.evaluate("({ ...globalThis.following })");

/** Points between what is seen and the end of the list. */
const fromEnd = (page: Page): Promise<number> =>
  page.evaluate(`(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(
    document.querySelector('[role="log"]'),
  )`);

test.skipIf(isAppSkipped)(
  "a torrent that nobody scrolls in is followed to its end",
  async () => {
    const { id, device, page } = await openTask("follow");
    const order = torrent("torrent", 10);
    await give(farhand.world, id, order);
    await done(farhand.world, id, order);
    await until(async () => (await fromEnd(page)) <= 2);
    await drawn(page, SAID, saidDone(order));
    const { frames, left } = await watched(page);
    expect(frames).toBeGreaterThan(50);
    expect(left).toBe(0);
    await device.close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "a gesture that moves nothing in the list lets go of the end no longer than it lasts",
  async () => {
    const { id, device, page } = await openTask("nothing");
    const order = torrent("torrent-nothing", 6);
    await give(farhand.world, id, order);
    await page.getByRole("log").getByText("Report").first().waitFor();
    // The focus goes to what stands before the list, and is seen anyway.
    await page.getByRole("log").focus();
    await page.keyboard.press("Shift+Tab");
    await page.getByTestId("to-end").waitFor();
    await page.getByTestId("to-end").waitFor({ state: "detached" });
    await done(farhand.world, id, order);
    await drawn(page, SAID, saidDone(order));
    await until(async () => (await fromEnd(page)) <= 2);
    await device.close();
  },
  120_000,
);

/** Ways of a reader to go up by some hundreds of points. */
const GESTURES: Record<string, (page: Page) => Promise<void>> = {
  wheel: async (page) => {
    await page.getByRole("log").hover();
    for (let turn = 0; turn < 3; turn += 1) await page.mouse.wheel(0, -250);
  },
  finger: async (page) => {
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x: 200, y }] });
    await touch("touchStart", 250);
    for (let y = 260; y <= 650; y += 30) await touch("touchMove", y);
    await touch("touchEnd");
    await session.detach();
  },
  keys: async (page) => {
    await page.getByRole("log").focus();
    await page.keyboard.press("PageUp");
    await page.keyboard.press("PageUp");
  },
};

test.skipIf(isAppSkipped).each(Object.keys(GESTURES))(
  "in a torrent a reader who goes up (%s) is moved by nothing, is told how much is new, and gets back by a tap",
  async (gesture) => {
    const { id, device, page } = await openTask(gesture);
    const order = torrent(`torrent-${gesture}`, 12);
    await give(farhand.world, id, order);
    await page.getByRole("log").getByText("Report").first().waitFor();
    await GESTURES[gesture]?.(page);
    await page.getByTestId("to-end").waitFor();
    const before = await resting(page);
    await page.getByRole("button", { name: /^\d\d+ new$/ }).waitFor();
    const counted = await newOnes(page);
    await done(farhand.world, id, order);
    await until(async () => (await newOnes(page)) > counted);
    const after = await seen(page);
    expect(strayed(before, after)).toEqual([]);
    expect(await fromEnd(page)).toBeGreaterThan(1_000);

    await page.getByTestId("to-end").click();
    await drawn(page, SAID, saidDone(order));
    await page.getByTestId("to-end").waitFor({ state: "detached" });
    await until(async () => (await fromEnd(page)) <= 2);
    await device.close();
  },
  120_000,
);

interface Seen {
  text: string;
  top: number;
}

/** The rows that are seen whole, with what tells them apart. */
const seen = (page: Page): Promise<Seen[]> =>
  page.evaluate(`(() => {
    const list = document.querySelector('[role="log"]').getBoundingClientRect();
    return [...document.querySelectorAll('[role="log"] [data-testid="row-assistant"]')]
      .map((row) => ({ text: row.innerText.slice(0, 40), box: row.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > list.top && box.top < list.bottom)
      .map(({ text, box }) => ({ text, top: box.top }));
  })()`);

/** What is seen once the gesture has come to rest, and what it had set going. */
async function resting(page: Page): Promise<Seen[]> {
  let before: Seen[] = [];
  await until(async () => {
    const now = await seen(page);
    const isResting = now.length > 0 && strayed(before, now).length === 0 && before.length === now.length;
    before = now;
    return isResting;
  });
  return before;
}

const strayed = (before: Seen[], after: Seen[]): string[] =>
  before.flatMap(({ text, top }) => {
    const now = after.find((row) => row.text === text);
    return now && Math.abs(now.top - top) <= 1 ? [] : [`${text}: from ${top} to ${now?.top}`];
  });

const newOnes = async (page: Page): Promise<number> =>
  Number.parseInt((await page.getByTestId("to-end").textContent()) ?? "", 10);
