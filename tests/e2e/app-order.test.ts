import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { begin, done, type Farhand, give, openFarhand, SAID, saidDone } from "../bench/app/farhand.ts";
import { drawn } from "../bench/app/page.ts";
import { launchBrowser, until } from "../screens/browser.ts";
import { isAppSkipped } from "./support/app-world.ts";

if (isAppSkipped) process.stdout.write("The order of the app's rows is skipped: it needs a Chromium.\n");

let browser: Browser;
let farhand: Farhand;
let device: BrowserContext;
let page: Page;
let taskId: string;
beforeAll(async () => {
  if (isAppSkipped) return;
  browser = await launchBrowser();
  farhand = await openFarhand(browser);
  const start = { id: "start", events: 600 };
  taskId = await begin(farhand.world, start);
  device = await farhand.device();
  page = await device.newPage();
  await page.goto(farhand.taskUrl(taskId));
  await drawn(page, SAID, saidDone(start));
});
afterAll(async () => {
  await device?.close();
  await farhand?.[Symbol.asyncDispose]();
  await browser?.close();
});

/** How often a row of the page stands above the one before it. */
const outOfOrder = (): Promise<number> =>
  page.evaluate(`(() => {
    const rows = document.querySelectorAll('[role="log"] [data-testid^="row-"]:not([data-testid="row-place"])');
    const tops = [...rows].map((row) => row.getBoundingClientRect().top);
    return tops.filter((top, index) => top < (tops[index - 1] ?? top)).length;
  })()`);
const inOrder = () => until(async () => (await outOfOrder()) === 0);
/** In bursts, as a hand does. */
const scroll = async (by: number, times: number) => {
  await page.getByRole("log").hover();
  for (let turn = 0; turn < times; turn += 1) {
    await page.mouse.wheel(0, by);
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
  await page.evaluate(STANDS);
};
/** Wheels glide. For a few frames the list has been where it is, which is sooner than rows come into order by themselves. */
const STANDS = `new Promise((resolve) => {
  const list = document.querySelector('[role="log"]');
  let top = Number.NaN;
  let frames = 0;
  const look = () => {
    frames = list.scrollTop === top ? frames + 1 : 0;
    top = list.scrollTop;
    if (frames >= 3) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

test.skipIf(isAppSkipped)(
  "Tab goes from row to row as they are seen, also right after one has scrolled",
  async () => {
    for (const [by, times] of [
      [-700, 12],
      [500, 6],
      [-900, 4],
    ] as const) {
      await scroll(by, times);
      // One that is seen takes the focus, as a click beside its buttons does.
      await page.evaluate(`(() => {
        const list = document.querySelector('[role="log"]');
        const { top } = list.getBoundingClientRect();
        const isSeen = (it) => it.getBoundingClientRect().top > top + 100;
        const buttons = [...list.querySelectorAll('[role="button"], button')].filter(isSeen);
        const above = (a, b) => (a.getBoundingClientRect().top < b.getBoundingClientRect().top ? a : b);
        buttons.reduce(above).focus();
      })()`);
      const tops: number[] = [];
      for (let step = 0; step < 6; step += 1) {
        await page.keyboard.press("Tab");
        tops.push(await page.evaluate<number>(PLACE));
      }
      expect(tops).toEqual(tops.toSorted((a, b) => a - b));
      expect(new Set(tops).size).toBeGreaterThan(3);
    }
  },
  120_000,
);

/** Where the row that has the focus stands in the content, wherever that was scrolled to. */
const PLACE = `document.activeElement.closest('[data-testid^="row-"]').getBoundingClientRect().top +
  document.querySelector('[role="log"]').scrollTop`;

test.skipIf(isAppSkipped)(
  "rows stand in the page as they are seen: after scrolling up and down, while others come, and when they have come",
  async () => {
    await scroll(-700, 12);
    await inOrder();
    await scroll(600, 6);
    await inOrder();
    await page.getByTestId("to-end").click();
    await inOrder();
    const order = { id: "stream", updates: 6_000, perSecond: 600, isLast: true };
    await give(farhand.world, taskId, order);
    let looks = 0;
    let ordered = 0;
    let isOver = false;
    const work = done(farhand.world, taskId, order).then(() => {
      isOver = true;
    });
    while (!isOver) {
      looks += 1;
      if ((await outOfOrder()) === 0) ordered += 1;
      await page.waitForTimeout(100);
    }
    await work;
    // New rows stand wrong for a moment each, and the next one is never far.
    expect(ordered).toBeGreaterThan(looks / 4);
    await drawn(page, SAID, saidDone(order));
    await inOrder();
  },
  120_000,
);
