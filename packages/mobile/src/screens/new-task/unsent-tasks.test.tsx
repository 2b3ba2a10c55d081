import type { OutboxEntry } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { anEntry } from "../../../test/an-entry.ts";
import { UnsentTasks } from "./unsent-tasks.tsx";

const user = userEvent.setup();

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
  await user.press(screen.getByLabelText(/Fix two/));
  expect(server.outbox.getSnapshot().map(({ id }) => id)).toEqual(["one", "three"]);
});

test("nothing is shown where nothing waits", async () => {
  await renderIn(<UnsentTasks />, aServer().store);
  expect(screen.queryByTestId("unsent-tasks")).toBeNull();
});
