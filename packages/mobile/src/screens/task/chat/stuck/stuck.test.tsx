import { type Command, EMPTY_VIEW, OutboxError, type TaskView } from "@farhand/client/app";
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

const FORK: Command = { type: "fork", taskId: "t_1", fork: { turn: 2, prompt: "Try it with decimals" } };

test("the prompt of a fork that is discarded goes back to its form, behind what was begun there", async () => {
  const fork = anEntry(FORK, REFUSED);
  const { store, outbox, draft } = aServer();
  outbox.set([fork]);
  store.drafts.setField("t_1", "fork/2", "Or in cents");
  await renderIn(<StuckCommands entries={[fork]} />, store);
  await userEvent.press(screen.getByRole("button", { name: "Discard: Fork: Try it with decimals" }));
  expect(outbox.getSnapshot()).toEqual([]);
  expect(draft.getSnapshot().fields).toEqual({ "fork/2": "Or in cents\n\nTry it with decimals" });
});

test("the files of a fork that is discarded go back with its prompt, and none twice", async () => {
  const [old, sketch] = ["old.png", "sketch.png"].map((name) => ({
    ...{ id: name, name, mediaType: "image/png", sizeBytes: 3 },
  }));
  if (!old || !sketch) throw new Error("there are two");
  const fork = anEntry({ ...FORK, attachments: [old, sketch] }, REFUSED);
  const { store, outbox, draft } = aServer();
  const dropped = jest.spyOn(store.attachments, "drop");
  outbox.set([fork]);
  store.drafts.setFiles("t_1", "fork/2", [old]);
  await renderIn(<StuckCommands entries={[fork]} />, store);
  await userEvent.press(screen.getByRole("button", { name: /^Discard/ }));
  expect(draft.getSnapshot().files).toEqual({ "fork/2": [old, sketch] });
  expect(dropped).not.toHaveBeenCalled();
});

test("a fork that cannot be discarded leaves its form as it was", async () => {
  const fork = anEntry(FORK, REFUSED);
  const { store, draft } = aServer();
  store.outbox.withdraw = () => Promise.reject(new OutboxError("It is too late for that."));
  await renderIn(<StuckCommands entries={[fork]} />, store);
  await userEvent.press(screen.getByRole("button", { name: /^Discard/ }));
  expect(draft.getSnapshot().fields).toEqual({});
});

test("a fork that got stuck is given another prompt, and sent", async () => {
  const fork = anEntry(FORK, REFUSED);
  const { store, outbox, asked } = aServer();
  outbox.set([fork]);
  await renderIn(<StuckCommands entries={[fork]} />, store);
  await userEvent.press(screen.getByRole("button", { name: "Edit: Try it with decimals" }));
  const field = screen.getByLabelText("What should the new task do?");
  expect(field).toHaveDisplayValue("Try it with decimals");
  await userEvent.type(field, ", and test it");
  await userEvent.press(screen.getByRole("button", { name: "Send again" }));
  expect(asked).toEqual([{ type: "edit", id: fork.id, text: "Try it with decimals, and test it" }]);
  expect(screen.queryByLabelText("What should the new task do?")).toBeNull();
});
