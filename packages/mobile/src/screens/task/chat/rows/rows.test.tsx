import type { HostRow, QuestionRow, StepsRow, UnknownRow, UserRow } from "@farhand/client/app";
import { Value } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { StyleSheet } from "react-native";
import { aServer, renderIn } from "../../../../../test/a-server.tsx";
import { aStep } from "../../../../../test/a-step.ts";
import { palettes } from "../../../../theme/tokens.ts";
import { ChatProvider } from "../chat-context.tsx";
import { ChatRowView } from "./chat-row.tsx";

const BASE = { seq: 1, at: "2026-03-01T10:00:00.000Z", turn: 1 };

async function draw(row: Parameters<typeof ChatRowView>[0]["row"], isDiscarded = false) {
  const { store, asked } = aServer();
  const openStep = jest.fn();
  const openMenu = jest.fn();
  const chat = {
    taskId: "t_1",
    openMenu,
    openStep,
    editPending: jest.fn(),
    unfolded: new Value<ReadonlySet<string>>(new Set()),
  };
  await renderIn(
    <ChatProvider value={chat}>
      <ChatRowView row={row} isDiscarded={isDiscarded} />
    </ChatProvider>,
    store,
  );
  return { asked, openStep, openMenu, user: userEvent.setup() };
}

test("steps in a row are one line that unfolds into lines of their own", async () => {
  const row: StepsRow = {
    ...BASE,
    id: "s",
    kind: "steps",
    steps: [aStep("a"), aStep("b", { status: "failed", exitCode: 1, label: "bun lint" })],
    toolCount: 2,
    failedCount: 1,
    changedFiles: ["a.ts", "b.ts", "c.ts"],
    isRunning: false,
    durationMs: 2400,
  };
  const { user, openStep } = await draw(row);
  await user.press(screen.getByRole("button", { name: /2 steps, 3 files, 1 failed/ }));
  await user.press(screen.getByRole("button", { name: /bun lint.*exit code 1/ }));
  expect(openStep).toHaveBeenCalledWith("s", "b");
});

test("what the agent said between two steps is read whole where it is pressed", async () => {
  const said = `I look at the cart first. ${"It has many lines. ".repeat(40)}And then I **round**.`;
  const row: StepsRow = {
    ...BASE,
    id: "s",
    kind: "steps",
    steps: [aStep("a"), { kind: "thinking", id: "b", text: said }],
    toolCount: 1,
    failedCount: 0,
    changedFiles: [],
    isRunning: false,
    durationMs: 1200,
  };
  const { user } = await draw(row);
  await user.press(screen.getByRole("button", { name: /1 step/ }));
  expect(screen.queryByText("round")).toBeNull();
  await user.press(screen.getByRole("button", { name: /I look at the cart first/ }));
  expect(screen.getByText("round")).toBeOnTheScreen();
});

test("a question is answered with one of its options", async () => {
  const row: QuestionRow = {
    ...BASE,
    id: "q",
    kind: "question",
    questionId: "q1",
    question: "Which database?",
    options: ["SQLite", "Postgres"],
    status: "open",
    answer: null,
  };
  const { user, asked } = await draw(row);
  await user.press(screen.getByRole("button", { name: "SQLite" }));
  expect(asked).toEqual([{ type: "answer", taskId: "t_1", questionId: "q1", answer: "SQLite" }]);
});

test("a refused host is allowed as it was asked for", async () => {
  const row: HostRow = {
    ...BASE,
    id: "h",
    kind: "host",
    host: "example.com",
    port: 8443,
    pattern: "example.com:8443",
    rule: "port",
    status: "open",
  };
  const { user, asked } = await draw(row);
  await user.press(screen.getByRole("button", { name: "Allow example.com:8443" }));
  expect(asked).toEqual([{ type: "allow_host", taskId: "t_1", host: "example.com:8443" }]);
});

test("what this version does not know is said, and does not vanish", async () => {
  await draw({ ...BASE, id: "u", kind: "unknown", type: "x.new", event: {} } as unknown as UnknownRow);
  expect(screen.getByText(/Update the app to see it. \(x.new\)/)).toBeOnTheScreen();
});

test("a long press opens what can be done with a message, as its button does", async () => {
  const row: UserRow = {
    ...BASE,
    id: "m",
    kind: "user",
    messageId: "m1",
    text: "Mend the test.",
    attachments: [],
    role: "opening",
    isRetry: false,
  };
  const { user, openMenu } = await draw(row);
  await user.longPress(screen.getByTestId("row-user"));
  await user.press(screen.getByRole("button", { name: "Actions for this entry" }));
  expect(openMenu.mock.calls).toEqual([[row], [row]]);
});

test("a long press on what offers nothing opens nothing", async () => {
  const { user, openMenu } = await draw({
    ...BASE,
    id: "u",
    kind: "unknown",
    type: "x.new",
    event: {},
  } as unknown as UnknownRow);
  await user.longPress(screen.getByTestId("row-unknown"));
  expect(openMenu).not.toHaveBeenCalled();
});

const REVIEW =
  "Please address a comment on your changes:\n\n### src/a.ts, line 3\n\n```\nlet a = 1;\n```\n\nWhy *let*?\nAnd why 1?";
const said = (text: string): UserRow => ({
  ...BASE,
  id: "u",
  kind: "user",
  messageId: "m",
  text,
  attachments: [],
  role: "opening",
  isRetry: false,
});

test("a review that was sent shows its places and lines, and what a person wrote as they wrote it", async () => {
  await draw(said(REVIEW));
  screen.getByText("Please address a comment on your changes:");
  screen.getByText("src/a.ts, line 3");
  screen.getByText("let a = 1;");
  screen.getByText("Why *let*?\nAnd why 1?");
  expect(screen.queryByText(/###|```/)).toBeNull();
});

test("a prompt keeps its marks and its lines, whatever they would mean elsewhere", async () => {
  const prompt = "### Two things\n* one\n* **two**";
  await draw(said(prompt));
  screen.getByText(prompt);
});

test("what was rolled back says so, and is grey but no paler than can be read", async () => {
  await draw(said("Do it."), true);
  screen.getByText("Rolled back");
  expect(screen.getByText("Do it.")).toHaveStyle({ color: palettes.light.soft });
  for (const part of ["Do it.", "Rolled back"])
    for (let it = screen.getByText(part).parent; it; it = it.parent)
      expect(StyleSheet.flatten(it.props.style)?.opacity ?? 1).toBe(1);
});
