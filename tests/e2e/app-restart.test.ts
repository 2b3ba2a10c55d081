import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { freePort } from "./support/deployment.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("The app at a restart is skipped: it needs Docker and a Chromium.\n");

const WORDS = Array.from({ length: 120 }, (_, n) => `word${n}`).join(" ");

const CHAPTERS = {
  speech: {
    prompt: "Speak for a while.",
    scenario: {
      name: "speech",
      description: "Speaks slowly, works, and is done.",
      fixedDelays: true,
      turns: [
        {
          text: WORDS,
          chunkDelayMs: 40,
          toolUses: [{ name: "bash", input: { command: "echo spoken" } }],
        },
        { text: "That was all." },
      ],
    },
  },
} satisfies Record<string, Chapter>;

let app: AppWorld;
let world: World;
beforeAll(async () => {
  if (isAppSkipped) return;
  // The page comes back to the same address.
  app = await openAppWorld({ FARHAND_PORT: String(await freePort()) }, { scenario: chapterOf(CHAPTERS) });
  world = app.world;
});
afterAll(() => app?.[Symbol.asyncDispose]());

test.skipIf(isAppSkipped)(
  "a server that is killed in mid-sentence and started again: the open page goes on, and shows everything once",
  async () => {
    const page = await app.signedIn();
    const { id } = await world.create({ prompt: CHAPTERS.speech.prompt });
    await page.goto(`${world.client.baseUrl}/task/${id}`);
    // Its context is lost with a page that loads anew.
    await page.evaluate("globalThis.isSamePage = true");
    await page
      .getByText(/word9 word10/)
      .first()
      .waitFor();
    await world.coordinator.kill();
    await page.getByText("Offline. You see what this device keeps.").last().waitFor();
    await world.restart();

    await page.getByText("That was all.").first().waitFor();
    await world.until(id, (body) => body.type === "state.changed" && body.to === "idle");
    await page.getByTestId("row-turn_end").waitFor();
    expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
    await until(async () => (await page.getByText("Offline. You see what this device keeps.").count()) === 0);

    // What the log holds is on the page, and in as many rows as the log has of it.
    const messages = await world.bodies(id, "assistant.message");
    const answers = messages
      .flatMap(({ content }) => content)
      .flatMap((block) => ("text" in block && typeof block.text === "string" ? [block.text] : []));
    expect(answers).toContain(WORDS);
    const rows = (await page.getByTestId("row-assistant").allInnerTexts()).map((text) =>
      text.replace(/\s+/g, " ").trim(),
    );
    const times = (texts: readonly string[]) =>
      [...new Set(answers)].map((answer) => [answer, texts.filter((text) => text.includes(answer)).length]);
    expect(times(rows)).toEqual(times(answers));
  },
  120_000,
);
