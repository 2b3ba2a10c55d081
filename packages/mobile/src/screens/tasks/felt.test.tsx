import { screen, userEvent } from "@testing-library/react-native";
import { impactAsync, notificationAsync } from "expo-haptics";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { aTask } from "../../../test/a-task.ts";
import { TaskListPane } from "./task-list-pane.tsx";

beforeEach(() => jest.clearAllMocks());
const user = userEvent.setup();
const felt = () => [
  jest.mocked(impactAsync).mock.calls.map(([how]) => how),
  jest.mocked(notificationAsync).mock.calls.map(([how]) => how),
];

async function actionsOf(title: string, server = aServer()) {
  server.tasks.set({ tasks: [aTask({ state: "idle", title })], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  await user.press(screen.getByRole("link", { name: new RegExp(`^${title}`) }));
  await user.press(screen.getByRole("button", { name: `Actions for ${title}` }));
  return server;
}

test("what is asked of a task in the list is felt once it is kept, and looking around is not", async () => {
  const server = await actionsOf("Mend");
  expect(felt()).toEqual([[], []]);
  await user.press(screen.getByRole("button", { name: /^Archive/ }));
  expect(server.asked).toMatchObject([{ type: "archive" }]);
  expect(felt()).toEqual([["light"], []]);
});

test("what the device could not keep is not felt", async () => {
  const server = aServer();
  server.store.outbox.add = async () => {
    throw new Error("The device is full.");
  };
  await actionsOf("Mend", server);
  await user.press(screen.getByRole("button", { name: /^Archive/ }));
  expect(felt()).toEqual([[], []]);
});
