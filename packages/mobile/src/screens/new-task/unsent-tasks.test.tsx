import { type OutboxEntry, OutboxError } from "@farhand/client/app";
import { act, screen, userEvent } from "@testing-library/react-native";
import { aServer, EMPTY_DRAFT, renderIn } from "../../../test/a-server.tsx";
import { anEntry } from "../../../test/an-entry.ts";
import { UnsentTasks } from "./unsent-tasks.tsx";

const user = userEvent.setup();
const { router } = jest.requireMock<{ router: { navigate: jest.Mock } }>("expo-router");
beforeEach(() => router.navigate.mockClear());

const entry = (id: string, change: Partial<OutboxEntry>): OutboxEntry =>
  anEntry(
    { type: "create_task", task: { repository: "https://github.com/you/shop", prompt: `Fix ${id}` } },
    { id, ...change },
  );

test("a new task that waits is seen with the reason, and can be taken back", async () => {
  const server = aServer();
  server.outbox.set([
    entry("one", {}),
    entry("two", { status: "refused", reason: "There is no room left." }),
    entry("three", { command: { type: "stop", taskId: "t" } }),
  ]);
  await renderIn(<UnsentTasks />, server.store);
  expect(screen.getByText("Not sent yet · 2")).toBeOnTheScreen();
  expect(screen.getByText("There is no room left.")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Send again" }));
  expect(server.outbox.getSnapshot()[1]).toMatchObject({ id: "two", status: "unsent" });
  await user.press(screen.getByLabelText(/^Withdraw: Fix two/));
  expect(server.outbox.getSnapshot().map(({ id }) => id)).toEqual(["one", "three"]);
});

test("nothing is shown where nothing waits", async () => {
  await renderIn(<UnsentTasks />, aServer().store);
  expect(screen.queryByTestId("unsent-tasks")).toBeNull();
});

const MISTYPED = {
  repository: "https://github.com/you/shpo",
  prompt: "Fix the rounding, and say in the README how it is done",
  model: "claude-opus-5-5",
  baseBranch: "dvelop",
  budget: { maxUsd: 3, maxTokens: null },
};

/** A server with a task that it refused, whose picture is on the device. */
async function refused() {
  const server = aServer();
  const picture = { name: "till.png", mediaType: "image/png", bytes: new Uint8Array([1]) };
  const attachments = await server.attachments.keep([picture]);
  const made = anEntry(
    { type: "create_task", task: MISTYPED, attachments },
    { status: "refused", reason: "There is no such repository." },
  );
  server.outbox.set([made]);
  return { server, attachments };
}

test("one that was refused goes back into the form as it was, with its files", async () => {
  const { server, attachments } = await refused();
  await renderIn(<UnsentTasks />, server.store);
  await user.press(screen.getByRole("button", { name: /^Edit: Fix the rounding/ }));
  expect(server.newTask.getSnapshot()).toEqual({
    repository: MISTYPED.repository,
    prompt: MISTYPED.prompt,
    model: MISTYPED.model,
    baseBranch: MISTYPED.baseBranch,
    maxUsd: 3,
    maxTokens: null,
    attachments,
  });
  expect(server.outbox.getSnapshot()).toEqual([]);
  expect(await server.attachments.bytes(attachments[0]?.id ?? "")).toEqual(new Uint8Array([1]));
  expect(router.navigate).toHaveBeenCalledWith("/new");
});

test("what was begun in the form meanwhile is asked about, and stays until one says so", async () => {
  const { server } = await refused();
  const [own] = await server.attachments.keep([
    { name: "own.png", mediaType: "image/png", bytes: new Uint8Array([2]) },
  ]);
  const begun = { ...EMPTY_DRAFT, prompt: "Something else", attachments: own ? [own] : [] };
  server.newTask.set(begun);
  await renderIn(<UnsentTasks />, server.store);
  await user.press(screen.getByRole("button", { name: /^Edit: / }));
  expect(screen.getByRole("alert")).toHaveTextContent(/“Something else”/);
  await user.press(screen.getByRole("button", { name: "Leave it there" }));
  expect(server.newTask.getSnapshot()).toEqual(begun);
  expect(server.outbox.getSnapshot()).toHaveLength(1);
  await user.press(screen.getByRole("button", { name: /^Edit: / }));
  await user.press(screen.getByRole("button", { name: "Replace it" }));
  expect(server.newTask.getSnapshot().prompt).toBe(MISTYPED.prompt);
  expect(await server.attachments.bytes(own?.id ?? "")).toBeNull();
});

test("what was begun after the list was drawn is asked about as well", async () => {
  const { server } = await refused();
  await renderIn(<UnsentTasks />, server.store);
  await act(async () => server.newTask.set({ ...EMPTY_DRAFT, prompt: "Something else" }));
  await user.press(screen.getByRole("button", { name: /^Edit: / }));
  expect(screen.getByRole("alert")).toHaveTextContent(/“Something else”/);
  expect(server.newTask.getSnapshot().prompt).toBe("Something else");
});

test("where it is too late to take it back, the form is as it was", async () => {
  const { server } = await refused();
  const { store } = server;
  store.outbox.withdraw = () => Promise.reject(new OutboxError("It is too late for that."));
  await renderIn(<UnsentTasks />, store);
  await user.press(screen.getByRole("button", { name: /^Edit: / }));
  expect(server.newTask.getSnapshot()).toEqual(EMPTY_DRAFT);
  expect(router.navigate).not.toHaveBeenCalled();
});

test("one that is being sent can be neither edited nor taken back", async () => {
  const server = aServer();
  server.outbox.set([entry("one", { status: "sending" })]);
  await renderIn(<UnsentTasks />, server.store);
  expect(screen.queryByRole("button")).toBeNull();
});
