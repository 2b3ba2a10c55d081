import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { until } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped)
  process.stdout.write("Reading along in the app is skipped: it needs Docker and a Chromium.\n");

const bash = (command: string) => ({ name: "bash", input: { command } });
const PARAGRAPH =
  "I look at the next place where a total is made, and write down who can see it. Nothing is changed before all of " +
  "them are known, since a total that is rounded twice is wrong by more than a cent.";

/** Steps that are there before the reader comes, and those that come one after the other while they read. */
const EARLIER = 104;
const WHILE_READING = 9;

/** How far a finger goes at a time, in points. */
const STEP = 300;

/** Newer models give what they say between two calls as thoughts, which are folded away. */
const TALKATIVE = "claude-sonnet-4-6";

const CHAPTERS = {
  talker: {
    prompt: "Look at every place, and tell me of each.",
    scenario: {
      name: "talker",
      description: "A long task that goes on while somebody reads.",
      fixedDelays: true,
      turns: Array.from({ length: EARLIER + WHILE_READING }, (_, index) => ({
        text: `Place ${index + 1}. ${PARAGRAPH}`,
        toolUses: [bash(`echo ${index + 1}`)],
        ...(index === EARLIER ? { firstByteDelayMs: 4_000 } : {}),
        ...(index >= EARLIER ? { chunkDelayMs: 15 } : {}),
      })),
    },
  },
  colours: {
    prompt: "Print in colours.",
    scenario: {
      name: "colours",
      description: "Commands that print much, in colours, and one that fails.",
      turns: [
        {
          toolUses: [
            bash("seq 1 100"),
            { name: "write", input: { file_path: "a.txt", content: "a\n" } },
            bash("printf '\\033[31mred\\033[0m plain\\n'"),
            bash("seq 1 20000"),
            bash("echo too bad; (exit 3)"),
          ],
        },
        { text: "All of it is printed." },
      ],
    },
  },
} satisfies Record<string, Chapter>;

let app: AppWorld;
let world: World;
let phone: Page;
beforeAll(async () => {
  if (isAppSkipped) return;
  app = await openAppWorld({}, { scenario: chapterOf(CHAPTERS) });
  world = app.world;
  phone = await app.signedIn();
});
afterAll(() => app?.[Symbol.asyncDispose]());

/** What a page knows of its elements. */
interface Styled {
  getComputedStyle(element: unknown): { color: string };
}

const place = (n: number) => phone.getByText(new RegExp(`^Place ${n}\\.`));
const isSeen = async (what: Locator): Promise<boolean> => {
  const box = await what.boundingBox().catch(() => null);
  const list = await phone.getByRole("log").boundingBox();
  return box !== null && list !== null && box.y < list.y + list.height && box.y + box.height > list.y;
};
/** The numbers of the places that are seen, from above. Rows are drawn in no order of the page's own. */
const seen = (): Promise<number[]> =>
  phone.evaluate<number[]>(`(() => {
    const list = document.querySelector('[role="log"]')?.getBoundingClientRect();
    return [...document.querySelectorAll('[data-testid="row-assistant"]')]
      .map((row) => [Number(/^Place (\\d+)/.exec(row.textContent)?.[1]), row.getBoundingClientRect()])
      .filter(([n, box]) => n > 0 && box.bottom > list.top && box.top < list.bottom)
      .map(([n]) => n)
      .sort((one, other) => one - other);
  })()`);
/** A finger, or a wheel, over the list. */
const scroll = async (by: number) => {
  await phone.getByRole("log").hover();
  await phone.mouse.wheel(0, by);
};
const topOf = async (what: Locator): Promise<number> => (await what.boundingBox())?.y ?? Number.NaN;
/** Where it stands once it does not move any more. */
const restingTop = async (what: Locator): Promise<number> => {
  let before = Number.NaN;
  await until(async () => {
    const now = await topOf(what);
    const isAtRest = now === before;
    before = now;
    return isAtRest;
  });
  return before;
};

test.skipIf(isAppSkipped)(
  "who reads further up stays where they are, while a task of hundreds of rows goes on",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.talker.prompt, model: TALKATIVE });
    await world.until(
      id,
      (body) => body.type === "assistant.message" && JSON.stringify(body).includes(`Place ${EARLIER}.`),
    );
    await app.openTask(phone, id);
    // It opens at its end, and follows what comes.
    await until(async () => (await seen()).some((n) => n >= EARLIER));
    await until(async () => (await seen()).some((n) => n > EARLIER + 1));
    expect(await phone.getByTestId("to-end").count()).toBe(0);

    await scroll(-2_500);
    await phone.getByTestId("to-end").waitFor();
    await until(async () => (await seen()).length > 0);
    const row = place((await seen())[0] ?? 0);
    const top = await restingTop(row);
    await phone.getByRole("button", { name: /^[3-9] new$/ }).waitFor();
    expect(Math.abs((await topOf(row)) - top)).toBeLessThanOrEqual(1);

    await phone.getByTestId("to-end").click();
    await phone.getByTestId("to-end").waitFor({ state: "detached" });
    await phone.getByTestId("row-turn_end").waitFor();
    await until(() => isSeen(phone.getByTestId("row-turn_end")));

    // Going back to the start, rows come before those that one reads, and move nothing: a step is as long as the finger
    // made it, and shorter only where it meets the start of what is there so far.
    await phone.reload();
    await until(() => isSeen(phone.getByTestId("row-turn_end")));
    const strayed: string[] = [];
    let shorter = 0;
    for (let now = await seen(); now[0] !== 1; now = await seen()) {
      const n = now.at(Math.floor(now.length / 2)) ?? 0;
      const before = await topOf(place(n));
      await scroll(-STEP);
      await until(async () => (await topOf(place(n))) !== before);
      const moved = (await restingTop(place(n))) - before;
      if (moved < 0 || moved > STEP + 3) strayed.push(`place ${n}: ${moved}`);
      else if (moved < STEP - 3) shorter += 1;
    }
    expect(strayed).toEqual([]);
    // The start of the task, and that of the rows that a long task opens with.
    expect(shorter).toBeLessThanOrEqual(2);
  },
  300_000,
);

test.skipIf(isAppSkipped)(
  "steps are one line, and each of them opens with its command, its end and its output in colours",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.colours.prompt });
    // Rows that still come push the steps up, away from below a finger.
    await world.ended(id);
    await app.openTask(phone, id);
    await phone.getByText("All of it is printed.").first().waitFor();
    await phone.getByRole("button", { name: "5 steps, 1 file, 1 failed" }).click();
    const open = async (name: RegExp, verb: string): Promise<Locator> => {
      await phone.getByRole("button", { name }).click();
      return phone.getByRole("dialog", { name: verb });
    };
    const run = await open(/^Run seq 1 100\b/, "Run");
    await run.getByText("exit code 0").first().waitFor();
    await run
      .getByText(/^\d+(\.\d+)? m?s$/)
      .first()
      .waitFor();
    await run.getByRole("group", { name: "Command" }).getByText("seq 1 100").first().waitFor();
    // The end of it at first: what one looks for stands there most often.
    const lines = async () =>
      (await run.getByRole("region", { name: "Output" }).textContent())?.trim().split("\n");
    expect((await lines())?.[0]).toBe("41");
    await run.getByText("40 lines before").first().waitFor();
    await run.getByRole("button", { name: "Show the full output" }).click();
    await until(async () => (await lines())?.[0] === "1");
    expect((await lines())?.at(-1)).toBe("100");
    await run.getByRole("button", { name: "Close" }).click();

    // The model gets no colours; people do.
    const colours = await open(/^Run printf/, "Run");
    await until(async () => (await colours.getByText(/^red$/).count()) > 0);
    const ink = (text: RegExp) =>
      colours
        .getByRole("region", { name: "Output" })
        .getByText(text)
        .last()
        .evaluate((it) => (globalThis as unknown as Styled).getComputedStyle(it).color);
    expect(await ink(/^red$/)).not.toBe(await ink(/plain$/));
    await colours.getByRole("button", { name: "Close" }).click();

    // The log has 32 KiB of it, and the server keeps all.
    const long = await open(/^Run seq 1 20000/, "Run");
    const shown = async () =>
      (await long.getByRole("region", { name: "Output" }).textContent())?.trim().split("\n") ?? [];
    await long.getByText("106.3 KiB in all").first().waitFor();
    await long.getByRole("button", { name: "Show the full output" }).click();
    await until(async () => (await shown())[0] === "18001");
    await long.getByRole("button", { name: "Show 2,000 lines more" }).click();
    await until(async () => (await shown())[0] === "16001");
    expect((await shown()).at(-1)).toBe("20000");
    const saved = phone.waitForEvent("download");
    await long.getByRole("button", { name: "Save the full output as a file" }).click();
    const whole = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");
    expect(await Bun.file(await (await saved).path()).text()).toBe(whole);
    await long.getByRole("button", { name: "Close" }).click();

    const failed = await open(/^Run echo too bad/, "Run");
    await failed.getByText("exit code 3", { exact: true }).first().waitFor();
    expect((await failed.getByRole("region", { name: "Output" }).textContent())?.trim()).toBe("too bad");
  },
  180_000,
);
