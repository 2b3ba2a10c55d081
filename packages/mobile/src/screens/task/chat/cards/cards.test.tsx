import type { ApprovalRow, OutboxEntry, QuestionRow } from "@farhand/client/app";
import { Value } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../../test/a-server.tsx";
import { anEntry } from "../../../../../test/an-entry.ts";
import { strings } from "../../../../strings/strings.ts";
import { ChatProvider } from "../chat-context.tsx";
import { ChatRowView } from "../rows/chat-row.tsx";

jest.mock("expo-router", () => ({ useRouter: () => ({ navigate: jest.fn() }) }));

const BASE = { seq: 7, at: "2026-03-01T10:00:00.000Z", turn: 1 };
const APPROVAL: ApprovalRow = {
  ...BASE,
  id: "e7.approval",
  kind: "approval",
  approval: "workflows",
  commit: "9f2c1d0e5b7a48c6d3e1f0a9b8c7d6e5f4a3b2c1",
  message: "The work changes ci.yml.",
  action: "./farhand task approve t_1",
  status: "open",
};
const QUESTION: QuestionRow = {
  ...BASE,
  id: "e7",
  kind: "question",
  questionId: "q1",
  question: "Which currency?",
  options: ["Euro", "Franc"],
  status: "open",
  answer: null,
};
const REFUSED: Partial<OutboxEntry> = { status: "refused", reason: "The task is at work again." };

async function draw(row: ApprovalRow | QuestionRow, entries: readonly OutboxEntry[] = []) {
  const server = aServer();
  server.outbox.set(entries);
  const chat = {
    taskId: "t_1",
    openMenu: jest.fn(),
    openStep: jest.fn(),
    editPending: jest.fn(),
    unfolded: new Value<ReadonlySet<string>>(new Set()),
  };
  const show = () =>
    renderIn(
      <ChatProvider value={chat}>
        <ChatRowView row={row} isDiscarded={false} />
      </ChatProvider>,
      server.store,
    );
  return { ...server, show, drawn: await show(), user: userEvent.setup() };
}

const button = (name: string | RegExp) => screen.getByRole("button", { name });

test("an approval that was refused says why, and is sent again from its card", async () => {
  const entry = anEntry({ type: "approve", taskId: "t_1", kind: "workflows" }, REFUSED);
  const { user, outbox } = await draw(APPROVAL, [entry]);
  expect(screen.getByText("The task is at work again.")).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: "Allow once" })).toBeNull();
  await user.press(button(/^Send again/));
  expect(outbox.getSnapshot()).toMatchObject([{ id: entry.id, status: "unsent" }]);
  expect(screen.getByText("On its way")).toBeOnTheScreen();
});

test("an approval that is too old is asked about, and once discarded the card asks anew", async () => {
  const old = anEntry(
    { type: "approve", taskId: "t_1", kind: "workflows" },
    { status: "needs_confirmation", reason: "It is more than an hour old." },
  );
  const { user } = await draw(APPROVAL, [old]);
  expect(screen.getByText("It is more than an hour old.")).toBeOnTheScreen();
  await user.press(button(/^Discard/));
  expect(button("Allow once")).toBeOnTheScreen();
});

test("a card that is over has nothing to do with a later approval on its way", async () => {
  const entry = anEntry({ type: "approve", taskId: "t_1", kind: "workflows" });
  await draw({ ...APPROVAL, status: "past" }, [entry]);
  expect(screen.queryByText("On its way")).toBeNull();
});

test("a denial that waits is the card's answer, and nothing else can be said beside it", async () => {
  const entry = anEntry({ type: "send_message", taskId: "t_1", text: strings.chat.denyMessage("Not now.") });
  await draw(APPROVAL, [entry]);
  expect(screen.queryByRole("button", { name: "Allow once" })).toBeNull();
  expect(screen.getByText("On its way")).toBeOnTheScreen();
});

test("the server's words for other clients are not the card's", async () => {
  await draw(APPROVAL);
  expect(screen.queryByText(/farhand task approve/)).toBeNull();
  expect(screen.getByText("The work changes ci.yml.")).toBeOnTheScreen();
});

test("denying asks for a reason and tells the agent both", async () => {
  const { user, asked, draft } = await draw(APPROVAL);
  await user.press(button("Deny"));
  await user.type(screen.getByLabelText("Why not?"), "It would run on every push.");
  expect(asked).toEqual([]);
  await user.press(button("Deny and tell the agent"));
  expect(asked).toHaveLength(1);
  const [said] = asked;
  expect(said).toMatchObject({ type: "send_message", taskId: "t_1" });
  expect(said?.type === "send_message" && said.text).toMatch(/^I do not approve.*\n\nIt would run/s);
  expect(draft.getSnapshot().fields).toEqual({});
});

test("an answer that is being written is still there when the card is drawn anew", async () => {
  const { user, drawn, show, asked } = await draw(QUESTION);
  await user.press(button("Answer in your own words"));
  await user.type(screen.getByLabelText("Answer in your own words"), "CHF");
  await drawn.unmount();
  await show();
  expect(screen.getByDisplayValue("CHF")).toBeOnTheScreen();
  await user.press(button("Send the answer"));
  expect(asked).toEqual([{ type: "answer", taskId: "t_1", questionId: "q1", answer: "CHF" }]);
});

test("an answer that was refused and is discarded can be changed", async () => {
  const entry = anEntry({ type: "answer", taskId: "t_1", questionId: "q1", answer: "Pound" }, REFUSED);
  const { user } = await draw(QUESTION, [entry]);
  expect(screen.getByText("Answered: Pound")).toBeOnTheScreen();
  await user.press(button(/^Discard/));
  expect(screen.getByDisplayValue("Pound")).toBeOnTheScreen();
});
