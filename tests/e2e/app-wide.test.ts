import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { PHONE, until, WIDE } from "../screens/browser.ts";
import { type Chapter, chapterOf, STORY } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { violations } from "./support/violations.ts";

if (isAppSkipped)
  process.stdout.write("The app on a wide screen is skipped: it needs Docker and a Chromium.\n");

const CHAPTERS = {
  rounding: STORY.rounding,
  approval: STORY.approval,
  long: {
    prompt: "Work until you are stopped.",
    scenario: {
      name: "long",
      description: "At work for an hour.",
      turns: [
        {
          text: "This takes a while.",
          toolUses: [{ name: "bash", input: { command: "sleep 3600", timeout_ms: 3_600_000 } }],
        },
      ],
    },
  },
} satisfies Record<string, Chapter>;

const DESK = { ...WIDE, width: 1440 };

let app: AppWorld;
let url: string;
let desk: Page;
beforeAll(async () => {
  if (isAppSkipped) return;
  app = await openAppWorld({ FARHAND_SANDBOX: "process" }, { scenario: chapterOf(CHAPTERS) });
  url = app.world.client.baseUrl;
  desk = await app.signedIn({ size: DESK });
});
afterAll(() => app?.[Symbol.asyncDispose]());

const addScript = async (context: BrowserContext, script: string) => {
  await context.addInitScript(script);
};
const focused = () =>
  desk.evaluate<string>(
    `(({ dataset, ariaLabel, innerText }) => dataset.testid ?? ariaLabel ?? innerText)(document.activeElement)`,
  );
/** Runs what the palette finds first. */
async function command(...words: string[]): Promise<void> {
  await desk.keyboard.press("Control+k");
  await desk.getByRole("dialog", { name: "Commands" }).waitFor();
  await desk.keyboard.type(words.join(" "));
  await desk.keyboard.press("Enter");
  await desk.getByRole("dialog", { name: "Commands" }).waitFor({ state: "detached" });
}

test.skipIf(isAppSkipped)(
  "a task is started, opened, approved and stopped by the keyboard alone",
  async () => {
    await desk.keyboard.press("n");
    await desk.getByTestId("prompt").waitFor();
    await until(async () => (await focused()) === "prompt");
    await desk.keyboard.type(CHAPTERS.approval.prompt);
    await desk.keyboard.press("Shift+Tab");
    expect(await focused()).toBe("repository");
    await desk.keyboard.press("Enter");
    await until(async () => (await focused()) === "repository-search");
    // The one that fits, with Enter.
    await desk.getByRole("radio", { name: /octo\/shop/ }).waitFor();
    await desk.keyboard.type("octo/shop");
    await desk.keyboard.press("Enter");
    await desk.getByRole("dialog").waitFor({ state: "detached" });
    await desk.keyboard.press("Control+Enter");
    await desk.getByRole("link", { name: /Run the tests on every push/ }).waitFor();

    await command("run the tests");
    await desk.waitForURL(/\/task\//);
    const approval = desk.getByRole("group", { name: "Needs your approval" });
    await approval.getByRole("button", { name: "Allow once" }).waitFor();
    await command("approve");
    await approval.getByText("Allowed").first().waitFor();
    await desk.getByText("Pull request opened: #1").first().waitFor();

    const { id } = await app.world.create({ prompt: CHAPTERS.long.prompt });
    await desk.getByRole("link", { name: new RegExp(CHAPTERS.long.prompt) }).waitFor();
    await command(CHAPTERS.long.prompt);
    await desk.waitForURL(`${url}/task/${id}`);
    await desk.getByText("This takes a while.").first().waitFor();
    await command("stop the turn");
    await desk.getByRole("heading", { name: "Stopped" }).waitFor();
    await app.world.ended(id);
    expect(await app.world.bodies(id, "turn.stopped")).toHaveLength(1);
  },
  300_000,
);

test.skipIf(isAppSkipped)(
  "list, chat and changes stand side by side from 900 pixels on, each wide enough to work in",
  async () => {
    const { id } = await app.world.create({ prompt: CHAPTERS.rounding.prompt });
    await app.world.ended(id);
    await desk.goto(`${url}/task/${id}`);
    await desk.getByText("as tills do", { exact: false }).first().waitFor();
    const list = desk.getByRole("navigation", { name: "Tasks" });
    const changes = desk.getByRole("complementary", { name: "Changes" });
    const places = [list, desk.getByTestId("chat-pane"), changes];
    await changes.getByText("money.js").first().waitFor();
    for (const width of [900, 1280, 1440]) {
      await desk.setViewportSize({ width, height: 800 });
      const edges = async () => {
        const boxes = await Promise.all(places.map((place) => place.boundingBox()));
        return boxes.map((box) => [box?.x ?? 0, (box?.x ?? 0) + (box?.width ?? 0)] as const);
      };
      // The page follows its size a moment later.
      await until(async () => (await edges()).at(-1)?.[1] === width);
      const [ofList, ofChat, ofChanges] = (await edges()) as [Edge, Edge, Edge];
      expect([width, ofList[0], ofChat[0] >= ofList[1], ofChanges[0] >= ofChat[1]]).toEqual([
        width,
        0,
        true,
        true,
      ]);
      const widths = [ofList, ofChat, ofChanges].map(([from, to]) => to - from);
      for (const [index, least] of [250, 300, 300].entries())
        expect(widths[index]).toBeGreaterThanOrEqual(least);
    }
    await desk.setViewportSize({ width: 899, height: 800 });
    await changes.waitFor({ state: "detached" });
    await list.waitFor({ state: "detached" });
    await desk.setViewportSize(DESK);
  },
  300_000,
);

type Edge = readonly [number, number];

test.skipIf(isAppSkipped)(
  "what the tab of the changes offers is beside the chat as well, and the tab leads to all of their width",
  async () => {
    const { tasks } = await app.world.client.listTasks();
    const done = tasks.find(({ pullRequestUrl }) => pullRequestUrl !== null);
    await desk.goto(`${url}/task/${done?.id}`);
    const changes = desk.getByRole("complementary", { name: "Changes" });
    await changes.getByRole("button", { name: "Open the pull request" }).waitFor();
    await changes.getByRole("button", { name: "How changes are shown" }).click();
    const options = desk.getByRole("dialog", { name: "How changes are shown" });
    await options.getByRole("switch", { name: /^Before and after side by side/ }).waitFor();
    await desk.keyboard.press("Escape");
    await options.waitFor({ state: "detached" });
    // Tab goes from the left to the right, as one reads.
    const order = await desk.evaluate<string[]>(
      `[...document.querySelectorAll("[data-testid=hide-list], [data-testid=changes-beside], [data-testid=composer], [data-testid=diff-options]")]
        .filter((it) => it.offsetParent !== null).map((it) => it.dataset.testid)`,
    );
    expect(order).toEqual(["hide-list", "changes-beside", "composer", "diff-options"]);
    await desk.getByRole("link", { name: "Changes", exact: true }).click();
    await desk.waitForURL(`${url}/task/${done?.id}/changes`);
    await changes.waitFor({ state: "detached" });
    const whole = await desk.getByTestId("changes").boundingBox();
    expect(whole?.width).toBeGreaterThan(1000);
  },
  300_000,
);

test.skipIf(isAppSkipped)(
  "list and changes can be hidden, by a button or a key, and the device remembers it",
  async () => {
    const [task] = (await app.world.client.listTasks()).tasks;
    await desk.goto(`${url}/task/${task?.id}`);
    const list = desk.getByRole("heading", { name: "Tasks", exact: true });
    const changes = desk.getByRole("complementary", { name: "Changes" });
    await changes.waitFor();
    await desk.getByTestId("hide-list").click();
    await list.waitFor({ state: "hidden" });
    await desk.getByTestId("changes-beside").click();
    await changes.waitFor({ state: "detached" });
    await desk.reload();
    await desk.getByTestId("composer").waitFor();
    expect([await list.isVisible(), await changes.count()]).toEqual([false, 0]);
    expect(await violations(desk)).toEqual([]);
    // The key that searches the list brings it back, and the focus is in it.
    await desk.keyboard.press("/");
    await list.waitFor();
    await until(async () => (await focused()) === "Search tasks");
    await desk.getByTestId("changes-beside").focus();
    await desk.keyboard.press("d");
    await changes.waitFor();
    await desk.keyboard.press("l");
    await list.waitFor({ state: "hidden" });
    await desk.getByTestId("show-list").click();
    await list.waitFor();
    expect(await violations(desk)).toEqual([]);
  },
  300_000,
);

test.skipIf(isAppSkipped)(
  "in the narrowest pane every filter is seen, and nothing lies over the rows",
  async () => {
    await desk.setViewportSize({ width: 900, height: 800 });
    await desk.goto(`${url}/`);
    const pane = desk.getByRole("navigation", { name: "Tasks" });
    await pane.getByRole("radio", { name: "Archived" }).waitFor();
    const right = async (it: Locator) => {
      const box = await it.boundingBox();
      return (box?.x ?? Number.NaN) + (box?.width ?? 0);
    };
    const edge = await right(pane);
    for (const filter of await pane.getByRole("radio").all())
      expect(await right(filter)).toBeLessThanOrEqual(edge);
    const rows = await pane.getByRole("link").first().boundingBox();
    const button = await pane.getByRole("button", { name: "New task" }).boundingBox();
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(rows?.y ?? 0);
    await desk.setViewportSize(DESK);
  },
);

test.skipIf(isAppSkipped)(
  "the palette says which command Enter takes, keeps it in sight, and knows every place of the app",
  async () => {
    const [task] = (await app.world.client.listTasks()).tasks;
    await desk.goto(`${url}/task/${task?.id}`);
    await desk.getByTestId("composer").waitFor();
    await desk.keyboard.press("Control+k");
    const field = desk.getByRole("combobox", { name: "Type a command or a task" });
    await field.waitFor();
    await until(async () => (await focused()) === "Type a command or a task");
    const options = desk.getByRole("listbox").getByRole("option");
    const names = await options.allTextContents();
    const places = ["Chat", "Changes", "Files", "Details", "Forges", "Model", "Notifications", "Appearance"];
    for (const place of places) expect(names.filter((name) => name.startsWith(place))).not.toEqual([]);
    const chosen = async () => {
      const id = await field.getAttribute("aria-activedescendant");
      return desk.locator(`[id="${id}"][role=option][aria-selected=true]`);
    };
    expect(await (await chosen()).textContent()).toMatch(/^New task/);
    // Up from the first is the last, which lies below what is seen.
    await desk.keyboard.press("ArrowUp");
    await until(async () => (await (await chosen()).textContent()) === names.at(-1));
    expect(await desk.locator("[role=option][aria-selected=true]").count()).toBe(1);
    const [box, sheet] = [await (await chosen()).boundingBox(), await desk.getByRole("dialog").boundingBox()];
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual((sheet?.y ?? 0) + (sheet?.height ?? 0));
    await desk.keyboard.press("ArrowDown");
    expect(await (await chosen()).textContent()).toMatch(/^New task/);
    expect(await violations(desk)).toEqual([]);
    await desk.keyboard.type("xyzzy");
    await desk.getByText("Nothing fits").waitFor();
    expect(await violations(desk)).toEqual([]);
    await desk.keyboard.press("Escape");
    await command("details");
    await desk.waitForURL(`${url}/task/${task?.id}/details`);
    await command("forges");
    await desk.waitForURL(`${url}/settings/forges`);
  },
  300_000,
);

test.skipIf(isAppSkipped)("letters do nothing below a sheet, and Escape closes it", async () => {
  await desk.goto(`${url}/settings`);
  await desk.getByRole("heading", { name: "Settings" }).waitFor();
  await desk.keyboard.press("?");
  const help = desk.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.waitFor();
  await desk.keyboard.press("n");
  await desk.keyboard.press("j");
  await desk.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  expect(desk.url()).toBe(`${url}/settings`);
  // The same letter is heard again.
  await desk.keyboard.press("n");
  await desk.waitForURL(`${url}/new`);
});

test.skipIf(isAppSkipped)("what a sheet has to say is seen above it", async () => {
  await desk.goto(`${url}/settings/devices`);
  await desk.getByRole("button", { name: "Sign in another device" }).click();
  const dialog = desk.getByRole("dialog");
  await dialog.getByRole("button", { name: "Copy" }).waitFor();
  const said = dialog.getByRole("status").getByText("Done");
  await said.waitFor();
  const box = await said.boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  // Toasts let fingers through: for a moment they do not, so that what lies on top can be asked for.
  const isOnTop = await desk.evaluate<boolean>(`(() => {
    const hosts = [...document.querySelectorAll("[role=status]")].filter((it) => it.innerText === "Done");
    for (const host of hosts)
      for (const element of [host, ...host.querySelectorAll("*")]) element.style.pointerEvents = "auto";
    return hosts.some((host) => host.contains(document.elementFromPoint(${x}, ${y})));
  })()`);
  expect(isOnTop).toBe(true);
});

/** Keeps the colour of the page in every frame, from the first on. */
const WATCH_COLOR = `
  const colors = (globalThis.colors = []);
  const look = () => {
    const root = document.documentElement;
    if (document.body) {
      const now = getComputedStyle(root).backgroundColor;
      if (now !== colors.at(-1)) colors.push(now);
    }
    requestAnimationFrame(look);
  };
  look();`;
const LIGHT = "rgb(246, 247, 249)";
const DARK = "rgb(15, 18, 22)";

test.skipIf(isAppSkipped)(
  "the page is dark from its first frame where the system is, or where the person has chosen so",
  async () => {
    const page = await app.signedIn({ isDark: true }, (context) => addScript(context, WATCH_COLOR));
    const seen = async () => {
      await page.reload();
      await page.getByRole("heading").first().waitFor();
      return page.evaluate<string[]>("globalThis.colors");
    };
    expect(await seen()).toEqual([DARK]);
    await page.goto(`${url}/settings/appearance`);
    await page.getByRole("radio", { name: "Light" }).click();
    await until(async () => (await page.evaluate("globalThis.colors.at(-1)")) === LIGHT);
    expect(await seen()).toEqual([LIGHT]);
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("radio", { name: "Dark" }).click();
    await until(async () => (await page.evaluate("globalThis.colors.at(-1)")) === DARK);
    expect(await seen()).toEqual([DARK]);
    await page.getByRole("radio", { name: "As the device" }).click();
    expect(await seen()).toEqual([LIGHT]);
    await page.context().close();
  },
  300_000,
);

/** Controls that are beside the screen, or whose words do not fit into them. What can be scrolled to is neither. */
const CLIPPED = `[...document.querySelectorAll("button, a[href], input, textarea, [role=button], [role=link], [role=radio], [role=switch]")]
  .filter((element) => element.tabIndex >= 0 && element.getBoundingClientRect().width > 0)
  .filter((element) => {
    const box = element.getBoundingClientRect();
    for (let above = element.parentElement; above; above = above.parentElement)
      if (above.scrollWidth > above.clientWidth && /auto|scroll/.test(getComputedStyle(above).overflowX)) return false;
    const isBeside = box.left < -1 || box.right > innerWidth + 1;
    const isCut = element.scrollHeight > element.clientHeight + 2 && getComputedStyle(element).overflowY === "hidden";
    return isBeside || isCut;
  })
  .map((element) => element.getAttribute("aria-label") ?? element.textContent)`;

/** As a browser does whose person wants larger text. */
const LARGE_TEXT = `new MutationObserver(() => {
  const root = document.documentElement;
  if (root && root.style.fontSize !== "200%") root.style.fontSize = "200%";
}).observe(document, { childList: true });`;

test.skipIf(isAppSkipped)(
  "text of twice the size leaves every control on the screen, on a phone and on desks",
  async () => {
    const [task] = (await app.world.client.listTasks()).tasks;
    const clipped: Record<string, string[]> = {};
    // Where three stand side by side there is the least room for each.
    for (const size of [PHONE, { ...WIDE, width: 900 }, WIDE]) {
      const page = await app.signedIn({ size }, (context) => addScript(context, LARGE_TEXT));
      for (const path of [
        "/",
        "/new",
        `/task/${task?.id}`,
        `/task/${task?.id}/changes`,
        "/settings",
        "/settings/keys",
        "/settings/budgets",
        "/settings/devices",
      ]) {
        await page.goto(`${url}${path}`);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.waitForLoadState("networkidle");
        const found = await page.evaluate<string[]>(CLIPPED);
        if (found.length > 0) clipped[`${path} at ${size.width}`] = found;
      }
      await page.context().close();
    }
    expect(clipped).toEqual({});
  },
  300_000,
);
