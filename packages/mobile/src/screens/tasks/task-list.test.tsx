import { act, screen, userEvent, within } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { aTask } from "../../../test/a-task.ts";
import { strings } from "../../strings/strings.ts";
import { ToastHost } from "../../ui/toast.tsx";
import { TaskListPane } from "./task-list-pane.tsx";

const { router } = jest.requireMock<{ router: { navigate: jest.Mock } }>("expo-router");
const user = userEvent.setup();
let minutes = 0;
const clock = Date.now;
beforeEach(() => {
  router.navigate.mockClear();
  // What one test has archived was long ago in the next one.
  minutes += 1;
  Date.now = () => clock() + minutes * 60_000;
});
afterAll(() => {
  Date.now = clock;
});

test("before anything is known the list has the shape of rows", async () => {
  const server = aServer();
  server.tasks.set({ tasks: [], status: "loading" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  expect(screen.getByLabelText("Loading")).toBeOnTheScreen();
});

test("without tasks it says how to begin", async () => {
  const server = aServer();
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  expect(screen.getByRole("heading", { name: "No tasks yet" })).toBeOnTheScreen();
  await user.press(screen.getByTestId("new-task"));
  expect(router.navigate).toHaveBeenCalledWith("/new");
});

test("in a pane the button stands in the header, and the screen beside it says how to begin", async () => {
  const server = aServer();
  await renderIn(<TaskListPane isPane openTaskId={null} />, server.store);
  expect(screen.getAllByRole("button", { name: "New task" })).toHaveLength(1);
  expect(screen.getByText("No tasks yet")).toBeOnTheScreen();
});

test("what needs a person comes first, and a row tells its state and facts in one label", async () => {
  const server = aServer();
  const waiting = aTask({ state: "waiting", title: "Asks" });
  server.tasks.set({ tasks: [aTask({ state: "running", title: "Works" }), waiting], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  const headings = screen.getAllByRole("heading").map(({ props }) => String(props.children));
  expect(headings.slice(1)).toEqual(["Needs you · 1", "Working · 1"]);
  const row = screen.getByRole("link", { name: /^Asks.*Waits for you.*you\/project/ });
  await user.press(row);
  expect(router.navigate).toHaveBeenCalledWith(`/task/${waiting.id}`);
});

test("rows follow what happens", async () => {
  const server = aServer();
  const task = aTask({ state: "running", title: "Mend" });
  server.tasks.set({ tasks: [task], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  await act(async () =>
    server.tasks.set({ tasks: [{ ...task, state: "idle", lastSeq: 11 }], status: "live" }),
  );
  expect(screen.getByRole("link", { name: /^Mend.*Done/ })).toBeOnTheScreen();
});

test("a row stays the same one when a group above it comes: it keeps the focus, and a finger that draws it", async () => {
  const server = aServer();
  const done = aTask({ state: "idle", title: "Mend" });
  server.tasks.set({ tasks: [done], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  const row = () => screen.getByTestId(`task-${done.id}`);
  const before = row();
  await act(async () =>
    server.tasks.set({ tasks: [aTask({ state: "running", title: "Work" }), done], status: "live" }),
  );
  expect(screen.getByText("Working · 1")).toBeOnTheScreen();
  // Not by `toBe`, which would print both trees.
  expect(row() === before).toBe(true);
});

test("what a swipe does is in the actions as well, and goes through the outbox", async () => {
  const server = aServer();
  const task = aTask({ state: "idle", title: "Mend" });
  server.tasks.set({ tasks: [task], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  await user.press(screen.getByRole("button", { name: "Actions for Mend" }));
  await user.press(screen.getByRole("button", { name: "Archive" }));
  expect(server.asked).toEqual([{ type: "archive", taskId: task.id }]);
});

test("a task that is archived is out of sight at once, and can be had back while the words say so", async () => {
  const server = aServer();
  const task = aTask({ state: "idle", title: "Mend" });
  server.tasks.set({ tasks: [task], status: "live" });
  await renderIn(
    <>
      <TaskListPane openTaskId={null} />
      <ToastHost />
    </>,
    server.store,
  );
  await user.press(screen.getByRole("button", { name: "Actions for Mend" }));
  await user.press(screen.getByRole("button", { name: "Archive" }));
  expect(screen.queryByRole("link", { name: /^Mend/ })).toBeNull();
  await user.press(screen.getByRole("button", { name: "Undo" }));
  expect(screen.getByRole("link", { name: /^Mend/ })).toBeOnTheScreen();
  expect(screen.getByText("It stays as it was")).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});

test("tasks that are archived right after each other are had back together", async () => {
  const server = aServer();
  const tasks = ["Mend", "Paint"].map((title) => aTask({ state: "idle", title }));
  server.tasks.set({ tasks, status: "live" });
  await renderIn(
    <>
      <TaskListPane openTaskId={null} />
      <ToastHost />
    </>,
    server.store,
  );
  for (const { title } of tasks) {
    await user.press(screen.getByRole("button", { name: `Actions for ${title}` }));
    await user.press(screen.getByRole("button", { name: "Archive" }));
  }
  expect(screen.getByText("2 archived")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Undo" }));
  expect(screen.getAllByRole("link", { name: /^(Mend|Paint)/ })).toHaveLength(2);
  expect(screen.getByText("2 stay as they were")).toBeOnTheScreen();
});

test("an approval from the list names what the list has shown to be held back", async () => {
  const server = aServer();
  const commit = "c".repeat(40);
  const failure = {
    code: "approval_needed" as const,
    message: "Workflows.",
    action: "",
    retryable: false,
    commit,
  };
  const task = aTask({ state: "failed", title: "Mend", failure });
  server.tasks.set({ tasks: [task], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  await user.press(screen.getByRole("button", { name: "Actions for Mend" }));
  await user.press(screen.getByRole("button", { name: strings.tasks.approve }));
  expect(server.asked).toEqual([{ type: "approve", taskId: task.id, kind: "workflows", commit }]);
});

test("a search that finds nothing says so and can be cleared", async () => {
  const server = aServer();
  server.tasks.set({ tasks: [aTask({ title: "Mend the login" })], status: "live" });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  await user.type(screen.getByLabelText("Search tasks"), "cart");
  expect(screen.getByRole("heading", { name: "Nothing found" })).toBeOnTheScreen();
  for (const button of screen.getAllByRole("button", { name: "Clear search and filter" }).slice(-1))
    await user.press(button);
  expect(screen.getByRole("link", { name: /Mend the login/ })).toBeOnTheScreen();
});

test("filters are a choice of one", async () => {
  const server = aServer();
  server.tasks.set({
    tasks: [aTask({ title: "Old", state: "archived" }), aTask({ title: "New" })],
    status: "live",
  });
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  expect(screen.queryByRole("link", { name: /^Old/ })).toBeNull();
  const filters = within(screen.getByLabelText("Filters"));
  await user.press(filters.getByRole("radio", { name: "Archived" }));
  expect(filters.getByRole("radio", { name: "Archived" })).toBeChecked();
  expect(screen.getByRole("link", { name: /^Old/ })).toBeOnTheScreen();
  expect(screen.queryByRole("link", { name: /^New/ })).toBeNull();
});

test("offline, it says so and when it tries again, and can be told to try now", async () => {
  const server = aServer();
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  expect(screen.queryByText(/Offline/)).toBeNull();
  await act(async () =>
    server.connection.set({ ...server.LIVE, status: "offline", nextRetryAtMs: Date.now() + 4_500 }),
  );
  expect(screen.getByText("Offline. You see what this device keeps.")).toBeOnTheScreen();
  expect(screen.getByText("Next try in 5 seconds")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Try now" }));
  expect(server.retries.count).toBe(1);
});

afterEach(() => jest.useRealTimers());

test("back online, it says how much has come meanwhile", async () => {
  const server = aServer();
  server.caughtUp.set({ events: 12, tasks: 2 });
  jest.useFakeTimers();
  await renderIn(<TaskListPane openTaskId={null} />, server.store);
  expect(screen.getByText("Caught up: 12 events")).toBeOnTheScreen();
  // It is news for a while, and not for good.
  await act(() => jest.advanceTimersByTime(11_000));
  expect(screen.queryByText("Caught up: 12 events")).toBeNull();
});
