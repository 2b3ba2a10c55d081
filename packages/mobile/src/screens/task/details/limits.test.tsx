import type { TaskHeader } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { aTask } from "../../../../test/a-task.ts";
import { anEntry } from "../../../../test/an-entry.ts";
import { Limits } from "./limits.tsx";

const mockNavigate = jest.fn();
jest.mock("expo-router", () => ({ useRouter: () => ({ navigate: mockNavigate }) }));

const HELD = aTask({
  id: "t_1",
  state: "queued",
  costUsd: 5,
  budget: { maxUsd: 5, maxTokens: null },
  budgetReached: { scope: "task", limit: { maxUsd: 5, maxTokens: null }, spent: { usd: 5, tokens: 9 } },
});

const draw = async (task = HELD, header: TaskHeader | null = null) => {
  const server = aServer();
  await renderIn(<Limits task={task} header={header} />, server.store);
  return { ...server, user: userEvent.setup() };
};

test("the limit of a task that waits for it is raised beside its meter, without the log", async () => {
  const { user, asked } = await draw();
  await user.press(screen.getByRole("button", { name: "Raise to $10.00" }));
  expect(asked).toEqual([{ type: "set_budget", taskId: "t_1", budget: { maxUsd: 10 } }]);
});

test("what was asked for and is on its way stands in the place of the buttons", async () => {
  const { store, outbox } = aServer();
  outbox.set([anEntry({ type: "set_budget", taskId: "t_1", budget: { maxUsd: 10 } })]);
  await renderIn(<Limits task={HELD} header={null} />, store);
  expect(screen.queryByRole("button", { name: /^Raise/ })).toBeNull();
  expect(screen.getByRole("status")).toBeOnTheScreen();
});

test("a limit for the day leads to the settings, where it can be raised", async () => {
  const limit = { maxUsd: 2, maxTokens: null };
  const use = { scope: "day" as const, limit, spent: { usd: 2, tokens: 9 } };
  const { user } = await draw({ ...HELD, budget: { maxUsd: null, maxTokens: null }, budgetReached: use });
  expect(screen.queryByRole("button", { name: /^Raise/ })).toBeNull();
  await user.press(screen.getByText("$2.00 of $2.00 for today"));
  expect(mockNavigate).toHaveBeenCalledWith("/settings/budgets");
});

test("there is nothing to raise in the archive", async () => {
  await draw({ ...HELD, state: "archived", budgetReached: null });
  expect(screen.queryByRole("button")).toBeNull();
});
