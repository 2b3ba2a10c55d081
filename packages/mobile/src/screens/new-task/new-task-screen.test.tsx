import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { aTask } from "../../../test/a-task.ts";
import { NewTaskScreen } from "./new-task-screen.tsx";

const user = userEvent.setup();

test("every keystroke is in the draft", async () => {
  const server = aServer();
  const seen: string[] = [];
  server.newTask.subscribe(() => seen.push(server.newTask.getSnapshot().prompt));
  await renderIn(<NewTaskScreen />, server.store);
  await user.type(screen.getByTestId("prompt"), "Fix");
  expect(seen).toEqual(["F", "Fi", "Fix"]);
});

test("what is missing is said when one tries to start, and nothing is sent", async () => {
  const server = aServer();
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("start-task"));
  expect(screen.getByRole("alert")).toHaveTextContent("Choose a repository first.");
  expect(server.asked).toEqual([]);
});

test("a repository is found among those that were used before", async () => {
  const server = aServer();
  const tasks = [
    aTask({ repository: "https://github.com/you/shop" }),
    aTask({ repository: "https://github.com/you/blog" }),
  ];
  server.tasks.set({ tasks, status: "live" });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("repository"));
  await user.type(screen.getByTestId("repository-search"), "blo");
  expect(screen.queryByRole("radio", { name: /you\/shop/ })).toBeNull();
  await user.press(screen.getByRole("radio", { name: /you\/blog/ }));
  expect(server.newTask.getSnapshot().repository).toBe("https://github.com/you/blog");
});

test("a task goes into the outbox as it was written, and the form is empty again", async () => {
  const server = aServer();
  server.newTask.set({
    ...server.newTask.getSnapshot(),
    repository: "https://github.com/you/shop",
    prompt: "Fix the login",
    maxUsd: 3,
  });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByTestId("start-task"));
  expect(server.asked).toEqual([
    {
      type: "create_task",
      task: {
        repository: "https://github.com/you/shop",
        prompt: "Fix the login",
        budget: { maxUsd: 3, maxTokens: null },
      },
    },
  ]);
  expect(server.newTask.getSnapshot().prompt).toBe("");
});

test("a template begins the prompt, and never takes the place of what was written", async () => {
  const server = aServer();
  server.newTask.set({ ...server.newTask.getSnapshot(), prompt: "First this." });
  await renderIn(<NewTaskScreen />, server.store);
  await user.press(screen.getByRole("button", { name: "Templates" }));
  await user.press(screen.getByRole("button", { name: /^Add tests/ }));
  expect(server.newTask.getSnapshot().prompt).toMatch(/^First this\.\n\nFind the part/);
});
