import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { until } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { HELD_BACK } from "./support/held-back.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("Swiping in the app is skipped: it needs Docker and a Chromium.\n");

const CHAPTERS = {
  workflow: {
    prompt: "Add a workflow.",
    scenario: {
      name: "workflow",
      description: "Adds a file that is held back until a person lets it pass.",
      turns: [...HELD_BACK, { text: "The workflow waits for your approval." }],
    },
  },
  waits: {
    prompt: "Wait a while.",
    scenario: {
      name: "waits",
      description: "Runs a command that takes longer than the test.",
      turns: [
        { toolUses: [{ name: "bash", input: { command: "sleep 600", timeout_ms: 600_000 } }] },
        { text: "That was long." },
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

/** A finger on the row of a task that is drawn aside by so many points, and lets go. */
async function swipe(page: Page, taskId: string, by: number): Promise<void> {
  const row = page.getByTestId(`task-${taskId}`);
  // Rows move while the list puts them into their groups: a finger waits for that as well.
  let box = await row.boundingBox();
  await until(async () => {
    const before = box;
    await Bun.sleep(200);
    box = await row.boundingBox();
    return box !== null && box.y === before?.y;
  });
  if (!box) throw new Error("the row is not there");
  const session = await page.context().newCDPSession(page);
  const y = box.y + box.height / 2;
  const from = box.x + box.width / 2 - by / 2;
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x: number) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  await touch("touchStart", from);
  for (let step = 1; step <= 10; step += 1) await touch("touchMove", from + (by * step) / 10);
  await touch("touchEnd", from + by);
}

test.skipIf(isAppSkipped)(
  "swiping a task approves, stops and archives it, which can be taken back, and a short draw does nothing",
  async () => {
    const held = await world.create({ prompt: CHAPTERS.workflow.prompt });
    await world.until(held.id, (body) => body.type === "state.changed" && body.to === "failed");
    const page = await app.signedIn();
    await page.getByTestId(`task-${held.id}`).waitFor();

    await swipe(page, held.id, 60);
    // A command would be on the device, and on its way once the page is there again.
    await page.reload();
    await page.getByRole("link", { name: /Add a workflow/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    expect(await page.getByText("Not sent yet").count()).toBe(0);
    expect(await world.bodies(held.id, "approval.given")).toEqual([]);
    await swipe(page, held.id, 200);
    const { seq } = await world.until(held.id, (body) => body.type === "approval.given");
    await world.until(held.id, (body) => body.type === "state.changed" && body.to === "idle", seq);
    expect(await world.bodies(held.id, "approval.given")).toHaveLength(1);
    expect(world.sample.pulls).toHaveLength(1);

    const running = await world.create({ prompt: CHAPTERS.waits.prompt });
    await world.until(running.id, (body) => body.type === "tool.started");
    await page.getByRole("link", { name: /Wait a while\..*Working/ }).waitFor();
    await swipe(page, running.id, -200);
    await world.until(running.id, (body) => body.type === "turn.stopped");
    await world.ended(running.id);

    await page.getByRole("link", { name: /Wait a while\..*Working/ }).waitFor({ state: "detached" });
    await page.getByRole("link", { name: /Add a workflow.*Done/ }).waitFor();
    // There is no way out of the archive: for a while it can be taken back.
    await swipe(page, held.id, -200);
    await page.getByTestId(`task-${held.id}`).waitFor({ state: "detached" });
    // A browser takes a tap that comes at once for the end of the swipe; no finger is so fast.
    await Bun.sleep(800);
    await page.getByRole("button", { name: "Undo" }).tap();
    await page.getByTestId(`task-${held.id}`).waitFor();
    expect(await page.getByText("Not sent yet").count()).toBe(0);
    await swipe(page, held.id, -200);
    await page.getByTestId(`task-${held.id}`).waitFor({ state: "detached" });
    await world.until(held.id, (body) => body.type === "state.changed" && body.to === "archived");
  },
  120_000,
);
