import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { until, WIDE } from "../screens/browser.ts";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import { violations } from "./support/violations.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped)
  process.stdout.write("The app's review and files are skipped: they need Docker and a Chromium.\n");

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const ROUND = `/** Rounds to the nearest 5 cents. */
export function roundToFive(cents) {
  return Math.round(cents / 5) * 5;
}

`;
const edit = (file_path: string, old_string: string, new_string: string) => ({
  name: "edit",
  input: { file_path, old_string, new_string },
});
const before = (file: string, line: string, added: string) => edit(file, line, `${added}${line}`);
const TURNS = [
  {
    text: "I round in one place.",
    toolUses: [
      before("src/money.js", "/** A share of an amount", ROUND),
      before("src/cart.js", "import { shippingFor }", 'import { roundToFive } from "./money.js";\n'),
      edit(
        "src/cart.js",
        "return subtotal + shippingFor(subtotal);",
        "return roundToFive(subtotal + shippingFor(subtotal));",
      ),
      {
        name: "bash",
        input: { command: `mkdir -p docs && echo ${PIXEL} | base64 -d > docs/logo.png`, timeout_ms: 60_000 },
      },
    ],
  },
  { toolUses: [{ name: "finish", input: { title: "Round totals", summary: "To five cents." } }] },
  {
    text: "I look at your comments.",
    toolUses: [before("src/money.js", "/** Turns cents", "// All amounts are whole cents.\n")],
  },
  { text: "Your review is answered." },
  {
    text: "Once more.",
    toolUses: [before("src/money.js", "// All amounts", "// Money, and nothing else.\n")],
  },
  { text: "That was all." },
];

/** Tasks of one and the same work, each of which a test may go on with. */
const chapter = (name: string): Chapter => ({
  prompt: `Round the totals (${name}).`,
  scenario: { name, description: "Changes three files, and goes on when it is told to.", turns: TURNS },
});
/** A line that is only indented, far from one that says something else. */
const INDENTED: Chapter = {
  prompt: "Indent the sign.",
  scenario: {
    name: "indent",
    description: "Changes blanks in one place, and words in another.",
    turns: [
      {
        toolUses: [
          edit("src/money.js", "  const sign =", "\tconst sign ="),
          edit("src/money.js", "(cents * percent) / 100", "(percent * cents) / 100"),
        ],
      },
      { toolUses: [{ name: "finish", input: { title: "Indent", summary: "With a tab." } }] },
      { text: "Done." },
    ],
  },
};
const CHAPTERS = {
  review: chapter("review"),
  turns: chapter("turns"),
  look: chapter("look"),
  indent: INDENTED,
};

let app: AppWorld;
let world: World;
beforeAll(async () => {
  if (isAppSkipped) return;
  app = await openAppWorld({}, { scenario: chapterOf(CHAPTERS) });
  world = app.world;
});
afterAll(() => app?.[Symbol.asyncDispose]());

async function played(name: keyof typeof CHAPTERS): Promise<string> {
  const { id } = await world.create({ prompt: CHAPTERS[name].prompt });
  await world.ended(id);
  return id;
}
async function goOn(id: string, text: string): Promise<void> {
  const { lastSeq } = await world.client.getTask(id);
  await world.client.sendMessage(id, { text });
  await world.ended(id, lastSeq);
}
const open = (page: Page, id: string, part: string) =>
  page.goto(`${world.client.baseUrl}/task/${id}/${part}`);
const line = (page: Page, name: RegExp) => page.getByRole("button", { name });
const toolbar = (page: Page, name: string) => page.getByRole("toolbar", { name, exact: true });

/** Comments on what is chosen. `text` stays as it was typed, also where nothing closes the sheet. */
async function comment(page: Page, text: string): Promise<void> {
  await page.getByTestId("comment-lines").click();
  await page.getByTestId("comment-text").fill(text);
}

/** Whether the device keeps a text among what is begun: a page that goes within a moment of a key takes the key with it. */
async function kept(page: Page, text: string): Promise<void> {
  const drafts = `(async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const opened = await new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of opened.objectStoreNames)
        found.push(
          await new Promise((resolve) => {
            const request = opened.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(request.result);
          }),
        );
      opened.close();
    }
    return JSON.stringify(found);
  })()`;
  await until(async () => (await page.evaluate<string>(drafts)).includes(text));
}

/** The page comes from the device from here on, also without a network. */
async function keptPage(page: Page): Promise<void> {
  await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
  await page.reload();
  await page.getByTestId("diff").waitFor();
}

test.skipIf(isAppSkipped)(
  "a review on a phone outlives a reload without a network, and reaches the agent as one message",
  async () => {
    const id = await played("review");
    const page = await app.signedIn();
    await open(page, id, "changes");
    await keptPage(page);

    await line(page, /^Line 11, added: .*Math\.round/).click();
    await toolbar(page, "Line 11").waitFor();
    await comment(page, "What of -2.5?");
    await page.getByTestId("keep-comment").click();
    await page.getByText("What of -2.5?").first().waitFor();

    await page.context().setOffline(true);
    await line(page, /^Line 9, added/).click();
    await line(page, /^Line 10, added/).click();
    await toolbar(page, "Lines 9–10").waitFor();
    // The page goes while it is typed: nobody has pressed anything to keep it.
    await comment(page, "Say why it is five.");
    await kept(page, "Say why it is five.");
    await page.reload();
    await page.getByText("Say why it is five.").first().waitFor();
    await page.getByText("What of -2.5?").first().waitFor();

    await page.getByTestId("finish-review").click();
    await page.getByTestId("review-note").fill("Nearly there.");
    await kept(page, "Nearly there.");
    await page.reload();
    await page.getByTestId("finish-review").click();
    const note = page.getByTestId("review-note");
    await until(async () => (await note.inputValue()) === "Nearly there.");
    await page.getByTestId("send-review").click();
    await page.getByText("Kept on this device, and sent as soon as the server answers").first().waitFor();
    await page.getByTestId("finish-review").waitFor({ state: "detached" });
    await page.reload();
    await page.getByTestId("diff").waitFor();
    expect(await page.getByText("What of -2.5?").count()).toBe(0);

    await page.context().setOffline(false);
    const { seq } = await world.until(id, (body) => body.type === "turn.started" && body.turn === 2);
    await world.ended(id, seq);
    const review = [
      "Nearly there.",
      "### src/money.js, lines 9–10",
      "```\n/** Rounds to the nearest 5 cents. */\nexport function roundToFive(cents) {\n```",
      "Say why it is five.",
      "### src/money.js, line 11",
      "```\n  return Math.round(cents / 5) * 5;\n```",
      "What of -2.5?",
    ].join("\n\n");
    const messages = (await world.bodies(id, "turn.started")).map(({ text }) => text);
    expect(messages).toEqual([CHAPTERS.review.prompt, review]);
    expect(await world.bodies(id, "message.queued")).toEqual([]);
    // The agent has it in these very words.
    const { body } = world.claude.requests.at(-1) ?? {};
    expect(JSON.stringify(body).split(JSON.stringify(review).slice(1, -1))).toHaveLength(2);
    await open(page, id, "");
    await page.getByText("Your review is answered.").first().waitFor();
    await page.context().close();
  },
  240_000,
);

test.skipIf(isAppSkipped)(
  "comments and viewed marks hold for the state that was seen: when the agent goes on they say so",
  async () => {
    const id = await played("turns");
    const page = await app.signedIn();
    await open(page, id, "changes");
    await line(page, /^Line 11, added: .*Math\.round/).click();
    await comment(page, "Of the first state.");
    await page.getByTestId("keep-comment").click();
    for (const name of ["src/cart.js", "src/money.js"])
      await page.getByRole("checkbox", { name: `Viewed: ${name}` }).click();
    await page.getByRole("button", { name: "Files that changed, 2 of 3 viewed" }).waitFor();

    await goOn(id, "Go on.");
    // It moved down by a line: the comment must not point to what has taken its place.
    await page.getByRole("button", { name: "Files that changed, 1 of 3 viewed" }).waitFor();
    await line(page, /^Line 12, added: .*Math\.round/).waitFor();
    await page.getByText("These lines are of another state of the file").first().waitFor();
    expect(await page.getByRole("checkbox", { name: "Viewed: src/cart.js" }).isChecked()).toBe(true);
    expect(await page.getByRole("checkbox", { name: "Viewed: src/money.js" }).isChecked()).toBe(false);

    // In the first turn's own changes all is as it was: ticked off, and the comment is at its line.
    await page.getByRole("radio", { name: /^Turn 1/ }).click();
    await page.getByRole("checkbox", { name: "Viewed: src/money.js", checked: true }).click();
    await line(page, /^Line 11, added: .*Math\.round/).waitFor();
    await page.getByText("Of the first state.").first().waitFor();
    expect(await page.getByText("These lines are of another state of the file").count()).toBe(0);
    // The second turn has but one file.
    await page.getByRole("radio", { name: /^Turn 2/ }).click();
    await line(page, /^Line 1, added: \/\/ All amounts/).waitFor();
    await page.getByRole("button", { name: /^Files that changed, . of 1 viewed/ }).waitFor();
    await page.getByRole("radio", { name: "Whole branch" }).click();
    await line(page, /^Line 12, added: .*Math\.round/).waitFor();

    await page.getByTestId("finish-review").click();
    await page.getByTestId("send-review").click();
    const { body } = await world.until(id, (it) => it.type === "turn.started" && it.turn === 3);
    expect(body).toMatchObject({
      text: expect.stringMatching(/### src\/money\.js, line 11 \(seen at [0-9a-f]{10}, .*moved since\)/),
    });
    await page.context().close();
  },
  240_000,
);

test.skipIf(isAppSkipped)(
  "a link leads to lines of the changes, and a phone browses, searches and downloads the files",
  async () => {
    const id = await played("look");
    const page = await app.signedIn();
    await open(page, id, "changes?file=src/money.js&line=9-11");
    await toolbar(page, "Lines 9–11").waitFor();
    const chosen = line(page, /^Line 10, added/);
    expect(await chosen.getAttribute("aria-pressed")).toBe("true");
    await until(() => inView(page, chosen));
    await open(page, id, "changes?file=src/money.js&line=400");
    await page.getByText("Line 400 is not among these changes.").first().waitFor();

    await open(page, id, "files");
    await page.getByRole("button", { name: "src, folder, closed" }).click();
    await page.getByRole("button", { name: /^money\.js/ }).click();
    await line(page, /^Line 11: .*Math\.round/).waitFor();
    await page.getByTestId("find").click();
    await page.getByTestId("find-text").fill("cents");
    await page
      .getByText(/^1 of \d+$/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Next place" }).click();
    await page
      .getByText(/^2 of \d+$/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    const wrap = page.getByRole("button", { name: "Break long lines" });
    expect(await wrap.getAttribute("aria-pressed")).toBe("true");
    await wrap.click();
    expect(await wrap.getAttribute("aria-pressed")).toBe("false");
    await wrap.click();

    await page.getByRole("link", { name: "All files" }).click();
    await page.getByTestId("file-search").fill("logo");
    await page.getByText("1 file", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: /docs\/logo\.png/ }).click();
    await page.getByLabel("Picture logo.png").waitFor();
    await page.getByText("1 × 1").first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("logo.png");
    expect(await Bun.file(await file.path()).bytes()).toEqual(new Uint8Array(Buffer.from(PIXEL, "base64")));

    await page.getByRole("link", { name: "All files" }).click();
    await page.getByTestId("file-search").fill("roundtofive(SUB");
    await page.getByText("No file has this text in it.").first().waitFor();
    await page.getByTestId("file-search").fill("roundtofive(sub");
    await page.getByText("1 line in 1 file", { exact: true }).first().waitFor();
    expect(await violations(page)).toEqual([]);
    const place = page.getByRole("button", { name: /^src\/cart\.js, line 27 .*roundToFive\(subtotal/ });
    await place.focus();
    await page.keyboard.press("Enter");
    const found = line(page, /^Line 27: .*roundToFive/);
    await until(async () => (await found.getAttribute("aria-pressed")) === "true");
    await until(() => inView(page, found));
    await page.getByRole("link", { name: "All files" }).click();
    await place.waitFor();
    await page.getByRole("button", { name: "Clear the search" }).click();
    await page.getByRole("button", { name: /^src, folder/ }).waitFor();

    await open(page, id, "files?file=src/cart.js&line=26-27");
    const marked = line(page, /^Line 27: .*roundToFive/);
    await until(async () => (await marked.getAttribute("aria-pressed")) === "true");
    await until(() => inView(page, marked));
    await page.context().close();
  },
  240_000,
);

test.skipIf(isAppSkipped)(
  "changes in blanks can be left out, and blanks can be seen; the device remembers both",
  async () => {
    const id = await played("indent");
    const page = await app.signedIn();
    await open(page, id, "changes");
    const indented = line(page, /^Line 3, added: .*const sign/);
    const worded = line(page, /added: .*percent \* cents/);
    await indented.waitFor();
    const choose = async (option: RegExp) => {
      await page.getByTestId("diff-options").click();
      await page.getByRole("switch", { name: option }).click();
      await page.keyboard.press("Escape");
    };
    await choose(/^Show spaces and tabs/);
    await page.getByText("→", { exact: false }).first().waitFor();
    await choose(/^Ignore changes in blanks/);
    await indented.waitFor({ state: "detached" });
    await worded.waitFor();
    await page.reload();
    await worded.waitFor();
    expect(await indented.count()).toBe(0);
    await choose(/^Ignore changes in blanks/);
    await indented.waitFor();
    await page.context().close();
  },
  240_000,
);

async function inView(page: Page, what: ReturnType<typeof line>): Promise<boolean> {
  const box = await what.boundingBox();
  const { height } = page.viewportSize() ?? { height: 0 };
  return box !== null && box.y >= 0 && box.y + box.height <= height;
}

test.skipIf(isAppSkipped)(
  "on a wide screen before and after stand side by side, and the keyboard reviews it all",
  async () => {
    const id = await played("look");
    const page = await app.signedIn({ size: { ...WIDE, width: 1440 } });
    await open(page, id, "changes");
    await page.getByTestId("diff-options").click();
    await page.getByRole("switch", { name: /^Before and after side by side/ }).click();
    await page.keyboard.press("Escape");
    // The line that went and the line that came are beside each other.
    const gone = await line(page, /^Line 26 of before, removed: .*return subtotal/).boundingBox();
    const came = await line(page, /^Line 27, added: .*return roundToFive/).boundingBox();
    expect(gone?.y).toBe(came?.y as number);
    expect(came?.x).toBeGreaterThan((gone?.x ?? 0) + 200);

    await page.keyboard.press(".");
    await page.getByRole("toolbar", { name: /^Line/ }).waitFor();
    const first = await page.getByRole("toolbar", { name: /^Line/ }).getAttribute("aria-label");
    await page.keyboard.press(".");
    await until(
      async () => (await page.getByRole("toolbar", { name: /^Line/ }).getAttribute("aria-label")) !== first,
    );
    await page.keyboard.press(",");
    await toolbar(page, first ?? "").waitFor();
    await page.keyboard.press("c");
    await page.getByTestId("comment-text").waitFor();
    await page.keyboard.type("Typed and kept by keys, c and v and all.");
    await page.keyboard.press("Control+Enter");
    await page.getByTestId("comment-text").waitFor({ state: "detached" });
    await page.getByText("Typed and kept by keys, c and v and all.").first().waitFor();
    await page.keyboard.press("v");
    await page.getByRole("button", { name: "Files that changed, 1 of 3 viewed" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Mark the file as viewed").first().waitFor();
    // Behind a dialog letters do nothing.
    await page.keyboard.press("v");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Files that changed, 1 of 3 viewed" }).waitFor();
    await page.context().close();
  },
  240_000,
);
