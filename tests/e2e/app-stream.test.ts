import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Chapter, chapterOf } from "../screens/story.ts";
import { type AppWorld, isAppSkipped, openAppWorld } from "./support/app-world.ts";
import type { World } from "./support/world.ts";

if (isAppSkipped) process.stdout.write("The app's stream is skipped: it needs Docker and a Chromium.\n");

const PLAN =
  "First I read how a total is made, from the cart down to the last cent. Then I look for every place that rounds, " +
  "and write down which of them a customer can see. After that there is one function left that may round, and all " +
  "others call it. At last I run the tests, and only when each of them is green do I say that it is done.";

const bash = (command: string) => ({ name: "bash", input: { command, timeout_ms: 3_600_000 } });
const ask = (question: string, ...options: string[]) => ({
  name: "ask_user",
  input: { question, options },
});

/** What the models of this file say, by what they are asked. */
const CHAPTERS = {
  plan: {
    prompt: "Say your plan, then add a workflow.",
    scenario: {
      name: "plan",
      description: "Speaks slowly, and adds a file that is held back until a person lets it pass.",
      fixedDelays: true,
      turns: [
        {
          text: PLAN,
          chunkDelayMs: 40,
          toolUses: [
            { name: "write", input: { file_path: ".github/workflows/test.yml", content: "on: push\n" } },
          ],
        },
        { toolUses: [{ name: "finish", input: { title: "Add a workflow", summary: "It runs the tests." } }] },
        { text: "The workflow waits for your approval." },
      ],
    },
  },
  slow: {
    prompt: "Say your plan slowly.",
    scenario: {
      name: "slow",
      description: "Speaks for some seconds.",
      fixedDelays: true,
      turns: [{ text: PLAN, chunkDelayMs: 300, toolUses: [bash("true")] }, { text: "This much is planned." }],
    },
  },
  questions: {
    prompt: "Ask me twice.",
    scenario: {
      name: "questions",
      description: "Asks with choices, and asks again.",
      turns: [
        { toolUses: [ask("Which currency?", "Euro", "Franc")] },
        { toolUses: [ask("And how is it written?", "€ 5", "5 €")] },
        { text: "Thank you for both." },
      ],
    },
  },
  long: {
    prompt: "Work until you are stopped.",
    scenario: {
      name: "long",
      description: "At work for an hour.",
      turns: [{ text: "This takes a while.", toolUses: [bash("sleep 3600")] }],
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

const card = (name: string) => phone.getByRole("group", { name });

/** Keeps what the newest answer said in each frame in which it said something else. */
const WATCH = `(() => {
  const seen = (globalThis.seen = []);
  const look = () => {
    const rows = document.querySelectorAll('[data-testid="row-assistant"]');
    const text = rows[rows.length - 1]?.innerText.trim() ?? "";
    if (text !== "" && text !== seen.at(-1)) seen.push(text);
    requestAnimationFrame(look);
  };
  look();
})()`;

test.skipIf(isAppSkipped)(
  "a task that is started on a phone is seen to speak word by word, and is let through by a tap",
  async () => {
    await phone.getByTestId("new-task").click();
    await phone.getByTestId("repository").click();
    await phone.getByRole("radio", { name: /octo\/shop/ }).click();
    await phone.getByTestId("prompt").fill(CHAPTERS.plan.prompt);
    await phone.getByTestId("start-task").click();
    await phone.getByRole("link", { name: new RegExp(CHAPTERS.plan.prompt) }).click();
    await phone.getByTestId("composer").waitFor();
    await phone.evaluate(WATCH);
    await card("Needs your approval").getByRole("button", { name: "Allow once" }).waitFor();

    const seen = await phone.evaluate<string[]>("globalThis.seen");
    const spoken = seen.slice(0, seen.indexOf(PLAN) + 1);
    // Two words come at a time. Frames may take several at once, and none ever takes one back.
    expect(spoken.length).toBeGreaterThan(10);
    expect(spoken.filter((text) => !PLAN.startsWith(text.trim()))).toEqual([]);
    expect(spoken.toSorted((a, b) => a.length - b.length)).toEqual(spoken);

    const [task] = (await world.client.listTasks()).tasks;
    expect(task).toMatchObject({ state: "failed", pullRequestUrl: null });
    expect(world.sample.pulls).toEqual([]);
    await card("Needs your approval").getByRole("button", { name: "Allow once" }).click();
    await phone.getByText("Pull request opened: #1").first().waitFor();
    await card("Needs your approval").getByText("Allowed").first().waitFor();
    expect(world.sample.pulls).toMatchObject([{ title: "Add a workflow" }]);
    expect(await world.bodies(task?.id ?? "", "approval.given")).toHaveLength(1);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a task that is opened in the middle of an answer shows all of it so far, and never a fragment",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.slow.prompt });
    for await (const item of world.client.follow(id)) if (item.type === "delta") break;
    await app.openTask(phone, id);
    await phone.evaluate(WATCH);
    await phone.getByText("This much is planned.").first().waitFor();
    const seen = await phone.evaluate<string[]>("globalThis.seen");
    const spoken = seen.slice(0, seen.indexOf(PLAN) + 1);
    // It was opened while the answer grew, or this would prove nothing.
    expect(spoken.length).toBeGreaterThan(2);
    expect(spoken.filter((text) => !PLAN.startsWith(text))).toEqual([]);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a question is answered by a tap, and the next one in one's own words",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.questions.prompt });
    await app.openTask(phone, id);
    await phone.getByRole("button", { name: "Franc" }).click();
    await card("The agent asks").getByText("And how is it written?").first().waitFor();
    await phone.getByText("Answered: Franc").first().waitFor();
    await phone.getByRole("button", { name: "Answer in your own words" }).click();
    await phone
      .getByRole("textbox", { name: "Answer in your own words" })
      .fill("CHF 5, as everybody does here");
    await phone.getByRole("button", { name: "Send the answer" }).click();
    await phone.getByText("Thank you for both.").first().waitFor();
    await phone.getByText("Answered: CHF 5, as everybody does here").first().waitFor();
    expect((await world.bodies(id, "question.answered")).map(({ answer }) => answer)).toEqual([
      "Franc",
      "CHF 5, as everybody does here",
    ]);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a turn that runs is stopped from the composer's side",
  async () => {
    const { id } = await world.create({ prompt: CHAPTERS.long.prompt });
    await app.openTask(phone, id);
    await phone.getByText("This takes a while.").first().waitFor();
    await phone.getByTestId("stop").click();
    await phone.getByRole("heading", { name: "Stopped" }).waitFor();
    await phone.getByTestId("stop").waitFor({ state: "detached" });
    expect(await world.client.getTask(id)).toMatchObject({ state: "idle", failure: null });
    expect(await world.bodies(id, "turn.stopped")).toHaveLength(1);
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a budget warns before it is used up, asks when it is, and goes on once it is raised",
  async () => {
    const { costUsd } = await world.play("fix-failing-test");
    const prompt = "Mend it. [scenario:fix-failing-test]";
    // The same work again comes to nearly all of the one, and to twice the other.
    const warned = await world.create({ prompt, budget: { maxUsd: costUsd * 1.05, maxTokens: null } });
    const paused = await world.create({ prompt, budget: { maxUsd: costUsd * 0.5, maxTokens: null } });
    await app.openTask(phone, warned.id);
    await card("Four fifths of the budget are used")
      .getByRole("button", { name: /^Raise to/ })
      .first()
      .waitFor();
    await app.openTask(phone, paused.id);
    const reached = card("The budget is used up");
    await reached
      .getByText(/for this task/)
      .first()
      .waitFor();
    await reached.getByRole("button", { name: "Another amount" }).click();
    await reached.getByRole("textbox", { name: "New limit in US dollars" }).fill("5");
    await reached.getByRole("button", { name: "Raise", exact: true }).click();
    await phone
      .getByText(/^Pull request opened/)
      .first()
      .waitFor();
    expect(await world.client.getTask(paused.id)).toMatchObject({
      state: "idle",
      failure: null,
      budget: { maxUsd: 5, maxTokens: null },
    });
    await reached.getByText("Settled").first().waitFor();
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "a turn that begins with its budget used up asks for more in the list and in the chat",
  async () => {
    const { costUsd } = await world.play("fix-failing-test");
    const prompt = "Mend it for little. [scenario:fix-failing-test]";
    const { id } = await world.create({ prompt, budget: { maxUsd: costUsd * 0.5, maxTokens: null } });
    await app.openTask(phone, id);
    const reached = card("The budget is used up");
    await reached.getByRole("button", { name: "Stop" }).click();
    await phone.getByRole("heading", { name: "Stopped" }).waitFor();
    await world.client.sendMessage(id, { text: "Go on." });
    await reached
      .nth(1)
      .getByRole("button", { name: /^Raise to/ })
      .first()
      .waitFor();
    await phone.goto(world.client.baseUrl);
    await phone
      .getByRole("heading", { name: /^Needs you/ })
      .first()
      .waitFor();
    await phone
      .getByRole("link", { name: /Budget used up/ })
      .first()
      .click();
    await reached
      .nth(1)
      .getByRole("button", { name: /^Raise to/ })
      .last()
      .click();
    await phone
      .getByText(/^Pull request opened/)
      .first()
      .waitFor();
    await reached.nth(1).getByText("Settled").first().waitFor();
  },
  60_000,
);

test.skipIf(isAppSkipped)(
  "what only a newer app knows is shown as that, and nothing around it is lost",
  async () => {
    const { id } = await world.play("say-hello");
    const log = await world.events(id);
    const answer = log.find(({ body }) => body.type === "assistant.message");
    // As a server of a later version would send it to a device that holds nothing yet.
    const page = await app.signedIn({}, (context) =>
      context.routeWebSocket(/\/api\/ws$/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const frame = JSON.parse(String(message));
          for (const event of frame.type === "events" ? frame.events : [])
            if (event.seq === answer?.seq) event.body = { type: "weather.changed", degrees: 21 };
          socket.send(JSON.stringify(frame));
        });
      }),
    );
    await page.goto(`${world.client.baseUrl}/task/${id}`);
    await page.getByText("Update the app to see it. (weather.changed)").first().waitFor();
    await page.getByText("Do it. [scenario:say-hello]").last().waitFor();
    await page.getByTestId("row-turn_end").waitFor();
    expect(await page.getByTestId("row-unknown").count()).toBe(1);
    await page.context().close();
  },
  60_000,
);
