import { afterAll, beforeAll, expect, test } from "bun:test";
import { DENIED } from "@farhand/protocol";
import type { Page } from "playwright-core";
import { until } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { HELD_BACK } from "./support/held-back.ts";
import { canOpenOffline, goOffline, goOnline, keeps, keepsAnswer, told, write } from "./support/offline.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("The app offline is skipped: it needs Docker and a Chromium.\n");

const CHAPTERS = {
  workflow: {
    prompt: "Add a workflow.",
    scenario: {
      name: "workflow",
      description:
        "Adds a file that is held back until a person lets it pass, and is long at work where it is denied.",
      turns: [
        ...HELD_BACK,
        { toolUses: [{ name: "bash", input: { command: "sleep 3600", timeout_ms: 3_600_000 } }] },
      ],
    },
  },
  notes: {
    prompt: "Write a note.",
    scenario: {
      name: "notes",
      description: "Adds a file, and has a word for each message after that.",
      turns: [
        { toolUses: [{ name: "write", input: { file_path: "NOTE.md", content: "one\ntwo\nthree\n" } }] },
        { text: "It is written." },
        { text: "Heard." },
        { text: "Heard again." },
      ],
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

/** A task whose first turn is over. */
async function done(chapter: Chapter): Promise<string> {
  const { id } = await world.create({ prompt: chapter.prompt });
  await world.ended(id);
  return id;
}

/** A device that can be without the network from now on, and has the tasks on it; the last one is open. */
async function deviceWith(...taskIds: string[]): Promise<Page> {
  const page = await app.signedIn();
  await canOpenOffline(page);
  for (const id of taskIds) {
    await app.openTask(page, id);
    await keeps(page, world, id);
  }
  return page;
}
const card = (page: Page) => page.getByRole("group", { name: "Needs your approval" });
const pending = (page: Page) => page.getByTestId("row-pending");

/** The agent has been told so much, and rests. */
async function toldAll(taskId: string, count: number): Promise<string[]> {
  for (let seq = 0; (await told(world, taskId)).length < count; ) {
    const event = await world.until(
      taskId,
      ({ type }) => type === "turn.started" || type === "user.message",
      seq,
    );
    seq = event.seq;
  }
  await world.until(
    taskId,
    (body) => body.type === "state.changed" && body.to === "idle",
    await lastTold(taskId),
  );
  return told(world, taskId);
}

async function lastTold(taskId: string): Promise<number> {
  const events = await world.events(taskId);
  return (
    events.findLast(({ body }) => body.type === "user.message" || body.type === "turn.started")?.seq ?? 0
  );
}

test.skipIf(isAppSkipped)(
  "two messages and an approval that were given without a network outlive a reload, and each arrives once",
  async () => {
    const held = await done(CHAPTERS.workflow);
    const notes = await done(CHAPTERS.notes);
    const page = await deviceWith(held, notes);
    await goOffline(page);
    await write(page, "And a second line.");
    await write(page, "And a third.");
    await app.openTask(page, held);
    await card(page).getByRole("button", { name: "Allow once" }).click();
    await card(page)
      .getByText(/There is no connection/)
      .waitFor();

    await page.reload();
    await card(page)
      .getByText(/There is no connection/)
      .waitFor();
    await app.openTask(page, notes);
    // The list may draw a row into a second place for a moment while it finds its own; it must not stay.
    await until(async () => (await pending(page).count()) === 2);
    expect(await pending(page).allInnerTexts()).toEqual([
      expect.stringContaining("And a second line."),
      expect.stringContaining("And a third."),
    ]);
    expect(await told(world, notes)).toEqual([]);

    await goOnline(page);
    expect(await toldAll(notes, 2)).toEqual(["And a second line.", "And a third."]);
    await world.until(held, ({ type }) => type === "approval.given");
    await pending(page).first().waitFor({ state: "detached" });
    expect(await page.getByText("And a second line.").count()).toBe(1);
    expect(await page.getByText("And a third.").count()).toBe(1);
    expect(await world.bodies(held, "approval.given")).toHaveLength(1);
    expect(await told(world, held)).toEqual([]);
    await page.context().close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "what was written more than an hour ago asks before it is sent",
  async () => {
    const notes = await done(CHAPTERS.notes);
    const page = await deviceWith(notes);
    await goOffline(page);
    await write(page, "Does this still hold?");
    await write(page, "And this?");

    // The page is opened again at a later time of day.
    await page.clock.install({ time: Date.now() + 61 * 60_000 });
    await page.reload();
    await goOnline(page);
    await page.getByRole("button", { name: "Send it" }).nth(1).waitFor();
    await page
      .getByRole("button", { name: /: Live$/ })
      .last()
      .waitFor();
    expect(await told(world, notes)).toEqual([]);

    const old = pending(page).filter({ hasText: "Does this still hold?" });
    await old.getByRole("button", { name: "Withdraw" }).click();
    await page.getByText("Does this still hold?").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Send it" }).click();
    expect(await toldAll(notes, 1)).toEqual(["And this?"]);
    await pending(page).first().waitFor({ state: "detached" });
    await page.context().close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "a diff is commented on and a task archived without a network",
  async () => {
    const notes = await done(CHAPTERS.notes);
    const over = await done(CHAPTERS.notes);
    const page = await app.signedIn();
    await canOpenOffline(page);
    await app.openTask(page, notes, "/changes");
    await page.getByRole("button", { name: /^Line 2, added: two/ }).waitFor();
    await keeps(page, world, notes);
    await goOffline(page);
    await page.getByRole("button", { name: /^Line 2, added: two/ }).click();
    await page.getByTestId("comment-lines").click();
    await page.getByRole("dialog").getByRole("textbox").fill("Say it better.");
    await page.getByRole("button", { name: "Keep the comment" }).click();
    await page.getByTestId("finish-review").click();
    await page.getByTestId("send-review").click();
    await page.getByText("Kept on this device, and sent as soon as the server answers").first().waitFor();
    await app.openTask(page, "t_01arz3ndektsv4rrffq69g5fav");
    await page.getByRole("heading", { name: "This task is not on this device yet" }).first().waitFor();
    await app.openTask(page, over);
    await page.getByRole("button", { name: "Actions for this task" }).click();
    await page.getByRole("button", { name: "Archive" }).click();
    await page.getByTestId("composer").waitFor();

    await goOnline(page);
    const [followUp = ""] = await toldAll(notes, 1);
    expect(followUp).toContain("NOTE.md");
    expect(followUp).toContain("Say it better.");
    await page.getByText("This task is archived. Fork it to go on.").first().waitFor();
    expect(await world.client.getTask(over)).toMatchObject({ state: "archived" });
    await page.context().close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "the changes and files of a finished task that was never opened are there without a network",
  async () => {
    const before = await done(CHAPTERS.notes);
    const page = await app.signedIn();
    await canOpenOffline(page);
    // One has ended before the list was there, the other while it was looked at.
    const during = await done(CHAPTERS.notes);
    for (const id of [before, during]) {
      await keeps(page, world, id);
      await keepsAnswer(page, `diff/${id}/base/latest`);
      await keepsAnswer(page, `file/${id}/`);
    }
    await goOffline(page);
    for (const id of [before, during]) {
      await app.openTask(page, id, "/changes");
      await page.getByRole("button", { name: /^Line 2, added: two/ }).waitFor();
      await page.getByText("From this device: the server has not answered.").first().waitFor();
      await app.openTask(page, id, "/files");
      await page.getByText("NOTE.md", { exact: true }).first().waitFor();
    }
    await page.context().close();
  },
  120_000,
);

/** The agent is told what whoever denies has said, and is at work on it. */
async function denyElsewhere(taskId: string): Promise<void> {
  await world.client.sendMessage(taskId, { text: DENIED.workflows });
  await world.until(taskId, (body) => body.type === "tool.started" && body.name === "bash");
}

const OVERTAKEN: [how: string, elsewhere: (taskId: string) => Promise<void>, card: RegExp][] = [
  [
    "given by somebody else",
    async (id) => {
      await world.client.approve(id, { kind: "workflows" });
      await world.until(id, (body) => body.type === "state.changed" && body.to === "idle");
    },
    /^Allowed$/,
  ],
  ["denied by somebody else", denyElsewhere, /^No longer asked for$/],
  [
    "followed by the end of the task",
    async (id) => {
      await denyElsewhere(id);
      await world.client.cancelTask(id);
      await world.until(id, (body) => body.type === "state.changed" && body.to === "cancelled");
    },
    /^No longer asked for$/,
  ],
];

test.skipIf(isAppSkipped).each(OVERTAKEN)(
  "an approval that was given without a network and was meanwhile %s says so, and is lost only on demand",
  async (_, elsewhere, standing) => {
    const held = await done(CHAPTERS.workflow);
    const page = await deviceWith(held);
    await goOffline(page);
    await card(page).getByRole("button", { name: "Allow once" }).click();
    await card(page)
      .getByText(/There is no connection/)
      .waitFor();
    await elsewhere(held);
    const given = await world.bodies(held, "approval.given");

    await goOnline(page);
    const stuck = page.getByRole("region", { name: "Not sent, and waiting for your word" });
    await stuck.getByText(/^Nothing of this task waits for an approval/).waitFor();
    await stuck.getByRole("button", { name: /^Send again/ }).waitFor();
    await page.getByText(standing).first().waitFor();
    // It is still there when the page is opened anew.
    await page.reload();
    await stuck.getByRole("button", { name: /^Discard/ }).click();
    await stuck.waitFor({ state: "detached" });
    expect(await world.bodies(held, "approval.given")).toEqual(given);
    // Others need its place.
    if ((await world.client.getTask(held)).state === "running") await world.client.cancelTask(held);
    await page.context().close();
  },
  120_000,
);

test.skipIf(isAppSkipped)(
  "what came meanwhile is counted, in the task and over the list",
  async () => {
    const notes = await done(CHAPTERS.notes);
    const page = await deviceWith(notes);
    const before = (await world.events(notes)).length;
    await goOffline(page);
    await world.client.sendMessage(notes, { text: "From somewhere else." });
    await toldAll(notes, 1);
    const missed = (await world.events(notes)).length - before;
    await goOnline(page);
    await page.getByText("From somewhere else.").first().waitFor();
    const caughtUp = page.getByText(`Caught up: ${missed} events`);
    await page.getByRole("main", { name: CHAPTERS.notes.prompt }).locator(caughtUp).waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("main", { name: "Tasks" }).locator(caughtUp).waitFor();
    await page.context().close();
  },
  120_000,
);

const SETTINGS: [path: string, seen: RegExp, key: string][] = [
  ["keys", /^ends with|^None of your own/, "settings/keys"],
  ["models", /sonnet/i, "settings/settings"],
  ["budgets", /^Each task$/, "settings/settings"],
  ["egress", /^Package registries$/, "settings/egress"],
  ["devices", /this one/, "settings/sessions"],
  ["health", /^Database$/, "settings/ready"],
];

test.skipIf(isAppSkipped)(
  "every page of the settings opens from the device, and says how old it is",
  async () => {
    const page = await app.signedIn();
    await canOpenOffline(page);
    const open = async () => {
      for (const [path, seen, key] of SETTINGS) {
        await page.goto(`${world.client.baseUrl}/settings/${path}`);
        await page.getByText(seen).first().waitFor();
        if (!isOffline) await keepsAnswer(page, key);
        else
          await page
            .getByText(/^From this device, as the server had it/)
            .first()
            .waitFor();
      }
    };
    let isOffline = false;
    await open();
    await page.context().setOffline(true);
    isOffline = true;
    await open();
    await page.context().close();
  },
  120_000,
);
