import type { OutboxEntry } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { ConnectionSheet } from "./connection-sheet.tsx";

const user = userEvent.setup();

const stuck: OutboxEntry = {
  id: "e1",
  command: { type: "send_message", taskId: "t_1", text: "Also add a test" },
  createdAt: "2026-03-01T10:00:00.000Z",
  confirmedAt: "2026-03-01T10:00:00.000Z",
  position: 1,
  status: "refused",
  attempts: 1,
  mayHaveArrived: false,
  retryAt: null,
  cause: "refused",
  reason: "The task is archived.",
  problem: null,
  messageId: null,
};

test("it tells how this device and the server stand", async () => {
  const server = aServer();
  await renderIn(<ConnectionSheet isOpen onClose={() => undefined} />, server.store);
  for (const fact of ["Live", "https://farhand.example.com", "0.1.0", "12 ms", "Nothing"])
    expect(screen.getByText(fact)).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Try now" }));
  expect(server.retries.count).toBe(1);
});

test("what is stuck says why, and can be discarded", async () => {
  const server = aServer();
  server.outbox.set([stuck]);
  await renderIn(<ConnectionSheet isOpen onClose={() => undefined} />, server.store);
  expect(screen.getByText("Also add a test")).toBeOnTheScreen();
  expect(screen.getByText("The task is archived.")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Discard" }));
  expect(screen.queryByText("Also add a test")).toBeNull();
});

test("a new task that is stuck is edited from here as well, and the sheet makes way for the form", async () => {
  const server = aServer();
  const task = { repository: "https://github.com/you/shpo", prompt: "Fix it" };
  server.outbox.set([{ ...stuck, command: { type: "create_task", task } }]);
  const close = jest.fn();
  await renderIn(<ConnectionSheet isOpen onClose={close} />, server.store);
  await user.press(screen.getByRole("button", { name: "Edit: Fix it" }));
  expect(server.newTask.getSnapshot()).toMatchObject(task);
  expect(close).toHaveBeenCalled();
});

test("a fork that is discarded here leaves its prompt in its form", async () => {
  const server = aServer();
  const fork = { turn: 1, prompt: "With decimals" };
  server.outbox.set([{ ...stuck, command: { type: "fork", taskId: "t_1", fork } }]);
  await renderIn(<ConnectionSheet isOpen onClose={() => undefined} />, server.store);
  expect(screen.getByText("With decimals")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Discard" }));
  expect(server.draft.getSnapshot().fields).toEqual({ "fork/1": "With decimals" });
});
