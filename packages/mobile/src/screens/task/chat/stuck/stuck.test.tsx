import { type Command, EMPTY_VIEW, type TaskView } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../../test/a-server.tsx";
import { anEntry } from "../../../../../test/an-entry.ts";
import { isStopUnderWay, looseEntries } from "./stuck.ts";
import { StuckCommands } from "./stuck-commands.tsx";

const REFUSED = { status: "refused", reason: "The task is at rest." } as const;
const STOP: Command = { type: "stop", taskId: "t_1" };
const APPROVE: Command = { type: "approve", taskId: "t_1", kind: "workflows" };
const ANSWER: Command = { type: "answer", taskId: "t_1", questionId: "q1", answer: "Franc" };

test("a stop is under way until it is stuck", () => {
  expect(isStopUnderWay(anEntry(STOP))).toBe(true);
  expect(isStopUnderWay(anEntry(STOP, { status: "retrying" }))).toBe(true);
  expect(isStopUnderWay(anEntry(STOP, REFUSED))).toBe(false);
  expect(isStopUnderWay(anEntry(STOP, { status: "needs_confirmation" }))).toBe(false);
});

test("what got stuck stands apart unless a message or an open card shows it", () => {
  const stop = anEntry(STOP, REFUSED);
  const approve = anEntry(APPROVE, REFUSED);
  const answer = anEntry(ANSWER, REFUSED);
  const message = anEntry({ type: "send_message", taskId: "t_1", text: "a" }, REFUSED);
  const entries = [stop, approve, answer, message, anEntry({ type: "retry", taskId: "t_1" })];
  expect(looseEntries(EMPTY_VIEW, entries)).toEqual([stop, approve, answer]);
  const open = { ...EMPTY_VIEW.open, approval: 3, questions: new Map([["q1", 4]]) };
  const asking: TaskView = { ...EMPTY_VIEW, open };
  expect(looseEntries(asking, entries)).toEqual([stop]);
});

test("a stuck command says what it is and why, is sent again, or thrown away", async () => {
  const stop = anEntry(STOP, REFUSED);
  const answer = anEntry(ANSWER, { status: "needs_confirmation", reason: "It is more than an hour old." });
  const { store, outbox } = aServer();
  outbox.set([stop, answer]);
  await renderIn(<StuckCommands entries={[stop, answer]} />, store);
  const user = userEvent.setup();
  expect(screen.getByText("Stop the agent")).toBeOnTheScreen();
  expect(screen.getByText("The task is at rest.")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Discard: Stop the agent" }));
  await user.press(screen.getByRole("button", { name: "Send again: Your answer: Franc" }));
  expect(outbox.getSnapshot()).toMatchObject([{ id: answer.id, status: "unsent" }]);
});

test("nothing is drawn where nothing is stuck", async () => {
  await renderIn(<StuckCommands entries={[]} />, aServer().store);
  expect(screen.queryByRole("region")).toBeNull();
});
