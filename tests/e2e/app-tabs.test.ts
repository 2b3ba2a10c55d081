import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { until } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { canOpenOffline, goOffline, goOnline, keeps, told, write } from "./support/offline.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("The app in two tabs is skipped: it needs Docker and a Chromium.\n");

const CHAPTERS = {
  answers: {
    prompt: "Answer me.",
    scenario: {
      name: "answers",
      description: "Has a word for everything.",
      turns: Array.from({ length: 12 }, () => ({ text: "Yes." })),
    },
  },
} satisfies Record<string, Chapter>;

let app: AppWorld;
let world: World;
beforeAll(async () => {
  if (isAppSkipped) return;
  app = await openAppWorld({}, { scenario: chapterOf(CHAPTERS) });
  world = app.world;
});
afterAll(() => app?.[Symbol.asyncDispose]());

const pending = (page: Page) => page.getByTestId("row-pending");

/** Counts the messages that a tab sends, and how many of them are on their way at once in all tabs together. */
function countSends(tabs: readonly Page[], taskId: string) {
  const counts = { sent: 0, atOnce: 0, most: 0 };
  for (const tab of tabs) {
    const isSend = (request: { method(): string; url(): string }) =>
      request.method() === "POST" && request.url().endsWith(`/tasks/${taskId}/messages`);
    tab.on("request", (request) => {
      if (!isSend(request)) return;
      counts.sent += 1;
      counts.atOnce += 1;
      counts.most = Math.max(counts.most, counts.atOnce);
    });
    const ended = (request: Parameters<typeof isSend>[0]) => {
      if (isSend(request)) counts.atOnce -= 1;
    };
    tab.on("requestfinished", ended);
    tab.on("requestfailed", ended);
  }
  return counts;
}

test.skipIf(isAppSkipped)(
  "two tabs of one device show the same outbox, and only one of them sends: nothing is doubled",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.answers.prompt });
    await world.ended(id);
    const first = await app.signedIn();
    await canOpenOffline(first);
    await first.goto(`${world.client.baseUrl}/task/${id}`);
    const second = await first.context().newPage();
    await second.goto(`${world.client.baseUrl}/task/${id}`);
    await keeps(second, world, id);

    // A draft that is typed in one is in the other as well.
    await first.getByTestId("composer").fill("Half a thou");
    await until(async () => (await second.getByTestId("composer").inputValue()) === "Half a thou");
    await first.getByTestId("composer").fill("");
    await until(async () => (await second.getByTestId("composer").inputValue()) === "");

    await goOffline(first);
    await goOffline(second);
    const texts = Array.from({ length: 6 }, (_, n) => `Message ${n}.`);
    for (const [n, text] of texts.entries()) {
      const [here, there] = n % 2 === 0 ? [first, second] : [second, first];
      await write(here, text);
      await pending(there).getByText(text, { exact: true }).waitFor();
    }

    const counts = countSends([first, second], id);
    await goOnline(first);
    await until(async () => (await told(world, id)).length >= texts.length);
    for (const tab of [first, second]) {
      await pending(tab).first().waitFor({ state: "detached" });
      for (const text of texts) await tab.getByText(text, { exact: true }).waitFor();
    }
    expect(await told(world, id)).toEqual(texts);
    expect(counts).toEqual({ sent: texts.length, atOnce: 0, most: 1 });
    await first.context().close();
  },
  120_000,
);
