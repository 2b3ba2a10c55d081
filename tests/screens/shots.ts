import type { Page } from "playwright-core";
import type { STORY } from "./story.ts";

export type TaskIds = Record<keyof typeof STORY, string>;

/** When the server stands so that a screen can be seen: before anybody signs in, before there is a task, or with the story told. */
export type Stage = "signed-out" | "no-tasks" | "told";

/** One thing that the app can show, a screen or a sheet over one, and how the page comes to show it. */
export interface Shot {
  name: string;
  stage: Stage;
  /** Where it needs the room of a desk, or its keyboard; or is a phone's alone. */
  only?: "phone" | "wide";
  /** It is looked at by the checks, and is no picture that anybody needs. */
  isPlain?: boolean;
  open(page: Page, to: (path: string) => Promise<void>): Promise<void>;
}

/** Whether the device has what it takes to show it. */
export const isSeenOn = ({ only }: Shot, { width }: { width: number }): boolean =>
  only === undefined || (only === "wide") === width >= 900;

const at = (name: string, path: string): Shot => ({ name, stage: "told", open: (_, to) => to(path) });
const press = (page: Page, name: RegExp | string) =>
  page
    .getByRole("button", { name, exact: typeof name === "string" })
    .first()
    .click();

const signedOut: Shot[] = [
  { name: "sign-in", stage: "signed-out", open: (_, to) => to("/") },
  {
    name: "sign-in-bad-link",
    stage: "signed-out",
    isPlain: true,
    async open(page, to) {
      await to("/");
      await page.getByRole("textbox", { name: "Setup or sign-in link" }).fill("https://elsewhere.example/x");
      await press(page, "Open the link");
    },
  },
];

const list: Shot[] = [
  { name: "no-tasks", stage: "no-tasks", open: (_, to) => to("/") },
  at("tasks", "/"),
  {
    name: "tasks-archived",
    stage: "told",
    isPlain: true,
    async open(page, to) {
      await to("/");
      await page.getByRole("radio", { name: "Archived" }).click();
    },
  },
  {
    name: "tasks-nothing-found",
    stage: "told",
    isPlain: true,
    async open(page, to) {
      await to("/");
      await page.getByRole("textbox", { name: "Search tasks" }).fill("zebra");
    },
  },
  {
    name: "task-actions",
    stage: "told",
    async open(page, to) {
      await to("/");
      await press(page, /^Actions for/);
    },
  },
  {
    name: "connection",
    stage: "told",
    async open(page, to) {
      await to("/");
      await press(page, /^Show the connection/);
    },
  },
];

/** The form of a new task with one of its sheets open. */
const ofNewTask = (name: string, open: (page: Page) => Promise<void>): Shot => ({
  name,
  stage: "told",
  async open(page, to) {
    await to("/new");
    await open(page);
  },
});
const newTask: Shot[] = [
  ofNewTask("new-task", (page) =>
    page.getByTestId("prompt").fill("Show prices with and without tax, as the law of each country wants it."),
  ),
  {
    ...ofNewTask("new-task-problem", async (page) => {
      await page.getByTestId("prompt").fill("");
      await page.getByTestId("start-task").click();
    }),
    isPlain: true,
  },
  ofNewTask("repository", (page) => page.getByTestId("repository").click()),
  ofNewTask("branch", (page) => press(page, /^Base branch/)),
  ofNewTask("model", (page) => press(page, /^Model/)),
  ofNewTask("budget", async (page) => {
    await press(page, /^Budget/);
    await page.getByRole("textbox", { name: "At most, in US dollars" }).fill("much");
  }),
  ofNewTask("templates", (page) => press(page, "Templates")),
];

/** A task with something of its chat open. */
const inChat = (id: string, name: string, open: (page: Page) => Promise<void>): Shot => ({
  name,
  stage: "told",
  async open(page, to) {
    await to(`/task/${id}`);
    await open(page);
  },
});

/** As a hand does it. A page that has just opened takes no other move for a reader's, and goes back to its end. */
async function toTheStart(page: Page): Promise<void> {
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, -20_000);
}

const chat = (ids: TaskIds): Shot[] => {
  const steps = (page: Page) =>
    page
      .getByRole("button", { name: /steps, / })
      .last()
      .click();
  const menu = (page: Page) =>
    page.getByTestId("row-turn_end").getByRole("button", { name: "Actions for this entry" }).first().click();
  return [
    at("chat", `/task/${ids.rounding}`),
    inChat(ids.rounding, "steps", steps),
    inChat(ids.rounding, "step", async (page) => {
      await steps(page);
      await page
        .getByRole("button", { name: /node --test --test/ })
        .last()
        .click();
    }),
    {
      ...inChat(ids.rounding, "thought", async (page) => {
        await toTheStart(page);
        await page
          .getByRole("button", { name: /^Thought/ })
          .first()
          .click();
      }),
      isPlain: true,
    },
    inChat(ids.rounding, "entry", menu),
    inChat(ids.rounding, "fork", async (page) => {
      await menu(page);
      await press(page, "Fork from here");
    }),
    {
      ...inChat(ids.rounding, "roll-back", async (page) => {
        await toTheStart(page);
        await page
          .getByTestId("row-user")
          .getByRole("button", { name: "Actions for this entry" })
          .first()
          .click();
        await press(page, "Roll back to before this");
      }),
      isPlain: true,
    },
    at("speaking", `/task/${ids.speaking}`),
    at("working", `/task/${ids.working}`),
    at("question", `/task/${ids.question}`),
    at("approval", `/task/${ids.approval}`),
    at("budget-reached", `/task/${ids.budget}`),
    at("failed", `/task/${ids.failed}`),
    { ...at("task-gone", "/task/t_nothing-here"), isPlain: true },
  ];
};

const changes = (ids: TaskIds): Shot[] => {
  const path = `/task/${ids.rounding}/changes`;
  const lines = `${path}?file=src/money.js&line=9-11`;
  const comment = async (page: Page, line: number, text: string) => {
    await page
      .getByRole("button", { name: new RegExp(`^Line ${line}, added`) })
      .first()
      .click();
    await page.getByTestId("comment-lines").click();
    await page.getByTestId("comment-text").fill(text);
  };
  return [
    at("changes", path),
    at("changes-lines", lines),
    {
      name: "changed-files",
      stage: "told",
      async open(page, to) {
        await to(path);
        await page.getByTestId("changed-files").click();
      },
    },
    {
      name: "changes-options",
      stage: "told",
      async open(page, to) {
        await to(path);
        await press(page, "How changes are shown");
      },
    },
    {
      name: "comment",
      stage: "told",
      async open(page, to) {
        await to(path);
        await comment(page, 10, "Say in the name that these are cents.");
      },
    },
    {
      name: "review",
      stage: "told",
      async open(page, to) {
        await to(path);
        await comment(page, 9, "Which countries are these?");
        await press(page, "Keep the comment");
        await page.getByTestId("finish-review").click();
      },
    },
  ];
};

const files = (ids: TaskIds): Shot[] => [
  at("files", `/task/${ids.rounding}/files`),
  {
    name: "files-search",
    stage: "told",
    async open(page, to) {
      await to(`/task/${ids.rounding}/files`);
      await page.getByTestId("file-search").fill("cart");
      await page
        .getByText(/ lines? in /)
        .first()
        .waitFor();
    },
  },
  at("file", `/task/${ids.rounding}/files?file=src/cart.js&line=27`),
  {
    name: "file-find",
    stage: "told",
    isPlain: true,
    async open(page, to) {
      await to(`/task/${ids.rounding}/files?file=src/cart.js`);
      await page.getByTestId("find").click();
      await page.getByTestId("find-text").fill("total");
    },
  },
  at("details", `/task/${ids.rounding}/details`),
];

const SETTINGS = [
  "keys",
  "forges",
  "models",
  "budgets",
  "egress",
  "notifications",
  "appearance",
  "devices",
  "health",
  "about",
];

const inSettings = (name: string, path: string, button: RegExp | string): Shot => ({
  name,
  stage: "told",
  isPlain: true,
  async open(page, to) {
    await to(path);
    await press(page, button);
    await page.getByRole("dialog").waitFor();
  },
});
const settings: Shot[] = [
  at("settings", "/settings"),
  ...SETTINGS.map((page) => at(`settings-${page}`, `/settings/${page}`)),
  inSettings("settings-key", "/settings/keys", "Add a key"),
  inSettings("settings-limit", "/settings/budgets", /^Each task/),
  inSettings("settings-device", "/settings/devices", "Sign in another device"),
  inSettings("settings-sign-out", "/settings", "Sign out"),
];

const keyboard = (ids: TaskIds): Shot[] => [
  {
    name: "commands",
    stage: "told",
    only: "wide",
    async open(page, to) {
      await to(`/task/${ids.rounding}`);
      await page.keyboard.press("Control+k");
    },
  },
  {
    name: "shortcuts",
    stage: "told",
    only: "wide",
    isPlain: true,
    async open(page, to) {
      await to("/");
      await page.keyboard.press("?");
    },
  },
];

/** What cannot be sent. They leave a message behind, and come last. */
const unsent = (ids: TaskIds): Shot[] => [
  {
    name: "offline",
    stage: "told",
    async open(page, to) {
      await to(`/task/${ids.rounding}`);
      await page.context().setOffline(true);
      // The list that lies below on a phone says it as well, unseen.
      const said = page.getByText("Offline. You see what this device keeps.");
      await said.filter({ visible: true }).first().waitFor();
      await page.getByTestId("composer").fill("Use the same rounding for refunds.");
      await page.getByTestId("send").click();
    },
  },
  {
    name: "offline-edit",
    stage: "told",
    isPlain: true,
    open: (page) => press(page, "Edit"),
  },
  {
    name: "stuck",
    stage: "told",
    async open(page) {
      // Two hours later, and only then online again: the app asks whether it still holds.
      await page.clock.setSystemTime(Date.now() + 2 * 3_600_000);
      await page.reload();
      await page.context().setOffline(false);
      await page
        .getByText(/^It is more than an hour old/)
        .first()
        .waitFor();
    },
  },
];

/** It changes how the device shows changes, and so comes when all others are seen. */
const split = (ids: TaskIds): Shot => ({
  name: "changes-split",
  stage: "told",
  only: "wide",
  async open(page, to) {
    await to(`/task/${ids.rounding}/changes`);
    await press(page, "How changes are shown");
    await page.getByRole("switch", { name: /^Before and after side by side/ }).click();
    await page.keyboard.press("Escape");
  },
});

/** Where no task is needed yet, its address is not either. */
const NONE: TaskIds = {
  rounding: "",
  question: "",
  approval: "",
  budget: "",
  working: "",
  speaking: "",
  failed: "",
};

/** Every screen and every sheet of the app, in the order in which they can be seen. */
export function shotsOf(ids: TaskIds = NONE): Shot[] {
  return [
    ...signedOut,
    ...list,
    ...newTask,
    ...chat(ids),
    ...changes(ids),
    ...files(ids),
    ...settings,
    { ...at("not-found", "/nowhere"), isPlain: true },
    ...keyboard(ids),
    ...unsent(ids),
    split(ids),
  ];
}
