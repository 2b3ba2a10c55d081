import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { until, WIDE } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { violations } from "./support/violations.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("The app's history is skipped: it needs Docker and a Chromium.\n");

const CHAPTERS = {
  flaky: {
    prompt: "Fail once, and then do it.",
    scenario: {
      name: "flaky",
      description: "The first answer is refused, the next one works.",
      turns: [
        {
          text: "This time it worked.",
          faults: [{ error: "invalid_request_error", message: "a passing whim", times: 1 }],
        },
      ],
    },
  },
  waits: {
    prompt: "Ask me, and then hear what I have to say.",
    scenario: {
      name: "waits",
      description: "Asks, so that messages gather, and then takes them.",
      turns: [
        { toolUses: [{ name: "ask_user", input: { question: "Shall I go on?", options: ["Go on"] } }] },
        { text: "I have heard all of it." },
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

const say = async (text: string) => {
  await phone.getByTestId("composer").fill(text);
  await phone.getByTestId("send").click();
};
const menuOf = async (row: Locator): Promise<Locator> => {
  await row.getByRole("button", { name: "Actions for this entry" }).click();
  return phone.getByRole("dialog", { name: "Actions for this entry" });
};
const ends = () => phone.getByTestId("row-turn_end");

test.skipIf(isAppSkipped)(
  "a turn that failed says why, and is run again from there",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.flaky.prompt });
    await app.openTask(phone, id);
    await ends().getByRole("heading", { name: "Turn failed" }).waitFor();
    await ends().getByText("a passing whim").first().waitFor();
    await (await menuOf(ends())).getByRole("button", { name: "Run this turn again" }).waitFor();
    await phone.keyboard.press("Escape");
    const again = ends().getByRole("button", { name: "Run this turn again" });
    await again.click();
    await again.waitFor({ state: "detached" });
    await phone.getByText("This time it worked.").first().waitFor();
    await phone.getByText("You, once more").first().waitFor();
    await until(async () => (await world.client.getTask(id)).state === "idle");
    expect((await world.bodies(id, "turn.started")).map(({ turn, isRetry }) => [turn, isRetry])).toEqual([
      [1, false],
      [1, true],
    ]);
  },
  180_000,
);

test.skipIf(isAppSkipped)(
  "code and conversation go back to the end of a turn, and another task goes on from there",
  async () => {
    const { id } = await world.play("write-file");
    await app.openTask(phone, id);
    await ends().first().waitFor();
    await say("More. [scenario:write-file path=MORE.md text=more]");
    await ends().nth(1).getByRole("heading", { name: "Write MORE.md" }).waitFor();

    const menu = await menuOf(ends().first());
    await menu.getByRole("button", { name: "Roll back to here" }).click();
    await phone
      .getByRole("dialog", { name: "Roll back?" })
      .getByRole("button", { name: "Roll back to here" })
      .click();
    await phone.getByText("Rolled back to turn 1").first().waitFor();
    // What came after stays, and says that it no longer counts.
    await phone.getByText("Rolled back", { exact: true }).first().waitFor();
    expect(await violations(phone, "color-contrast")).toEqual([]);
    const { files } = await world.client.diff(id, {});
    expect(files.map(({ path }) => path)).toEqual(["NOTES.md"]);

    const prompt = "Another way. [scenario:write-file path=FORK.md text=fork]";
    const field = phone.getByRole("textbox", { name: "What should the new task do?" });
    await (await menuOf(ends().first())).getByRole("button", { name: "Fork from here" }).click();
    await field.fill(prompt);
    // Looking once more at what it is about costs nothing of what was written.
    await phone.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await (await menuOf(ends().first())).getByRole("button", { name: "Fork from here" }).click();
    expect(await field.inputValue()).toBe(prompt);
    await phone.getByRole("button", { name: "Start the fork" }).click();
    await phone.getByText("Forked from turn 1 of a task").first().waitFor();
    await ends().getByRole("heading", { name: "Write FORK.md" }).waitFor();
    const { tasks } = await world.client.listTasks();
    const forks = tasks.filter(({ forkedFrom }) => forkedFrom !== null);
    expect(forks).toMatchObject([{ forkedFrom: { taskId: id, turn: 1 } }]);
    expect(phone.url()).toEndWith(`/task/${forks[0]?.id}`);
    await phone.getByRole("button", { name: "Open the task it came from" }).click();
    await phone.getByRole("heading", { name: "Write MORE.md", level: 1 }).waitFor();
    expect(phone.url()).toEndWith(`/task/${id}`);
  },
  180_000,
);

test.skipIf(isAppSkipped)(
  "on a wide screen one key after the other leads through the tasks, and each is shown",
  async () => {
    const prompts = ["The one.", "The other."];
    const made = await Promise.all(
      prompts.map((prompt) => world.create({ prompt: `${prompt} [scenario:say-hello]` })),
    );
    for (const { id } of made) await world.ended(id);
    const wide = await app.signedIn({ size: WIDE });
    const rows = wide.getByTestId(/^task-t_/);
    await until(async () => (await rows.count()) >= 2);
    const listed = await rows.evaluateAll((all) => all.map((it) => it.getAttribute("data-testid")));
    // Those that ended last stand first, whichever that was.
    const [upper, lower] = listed
      .map((name) => made.find(({ id }) => name === `task-${id}`))
      .filter((task) => task !== undefined);
    if (!upper || !lower) throw new Error(`the list has only ${listed.join(", ")}`);
    const shown = async ({ id, prompt }: { id: string; prompt: string }) => {
      await wide.waitForURL(`**/task/${id}`);
      await wide.getByTestId("row-user").getByText(prompt).waitFor();
    };
    await wide.getByTestId(`task-${upper.id}`).click();
    await shown(upper);
    await wide.keyboard.press("j");
    await shown(lower);
    await wide.keyboard.press("k");
    await shown(upper);
    // Under a sheet the keys do nothing to what lies below.
    await wide.keyboard.press("?");
    await wide.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await wide.keyboard.press("j");
    await wide.keyboard.press("Escape");
    await wide.getByRole("dialog").waitFor({ state: "detached" });
    await shown(upper);
    await wide.context().close();
  },
  180_000,
);

test.skipIf(isAppSkipped)(
  "messages that wait are put in order, changed and withdrawn, and reach the agent as they are then",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.waits.prompt });
    await app.openTask(phone, id);
    await phone.getByRole("button", { name: "Go on" }).waitFor();
    const waiting = phone.getByTestId("row-pending");
    const onServer = async () => (await world.client.messages(id)).messages.map(({ text }) => text);
    const shown = (texts: string[]) =>
      until(async () => {
        const rows = await waiting.allInnerTexts();
        return rows.length === texts.length && texts.every((text, index) => rows[index]?.includes(text));
      });
    for (const text of ["first thought", "second thought", "third thought"]) await say(text);
    await until(async () => (await onServer()).length === 3);

    await waiting.nth(2).getByRole("button", { name: "Send earlier" }).click();
    await shown(["first thought", "third thought", "second thought"]);
    await waiting.nth(0).getByRole("button", { name: "Withdraw" }).click();
    await shown(["third thought", "second thought"]);
    await waiting.nth(1).getByRole("button", { name: "Edit" }).click();
    const edit = phone.getByRole("dialog", { name: "Edit the message" });
    await edit.getByRole("textbox", { name: "Message" }).fill("a better thought");
    await edit.getByRole("button", { name: "Save" }).click();
    await shown(["third thought", "a better thought"]);
    await until(async () => (await onServer()).join() === "third thought,a better thought");

    await phone.getByRole("button", { name: "Go on" }).click();
    await phone.getByText("I have heard all of it.").first().waitFor();
    expect((await world.bodies(id, "user.message")).map(({ text }) => text)).toEqual([
      "third thought",
      "a better thought",
    ]);
    await waiting.first().waitFor({ state: "detached" });
  },
  180_000,
);
