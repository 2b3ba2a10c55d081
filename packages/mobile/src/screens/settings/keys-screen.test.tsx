import type { KeyInfo, PutKey } from "@farhand/protocol";
import { screen, userEvent, waitFor } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { KeysScreen } from "./keys-screen.tsx";

const user = userEvent.setup();

const key: KeyInfo = {
  id: "k_01j9z3k4m5n6p7q8r9s0t1v2w3",
  purpose: "model",
  baseUrl: "https://api.anthropic.com",
  host: "api.anthropic.com",
  lastFour: "wxyz",
  addedAt: "2026-03-01T10:00:00.000Z",
  check: "ok",
  checkedAt: "2026-03-01T10:00:00.000Z",
  checkMessage: "",
  isBearer: false,
};

test("a key is shown by its host and its last four characters alone", async () => {
  const server = aServer({ keys: async () => ({ keys: [key], serverKeys: [] }) });
  await renderIn(<KeysScreen />, server.store);
  await waitFor(() => expect(screen.getByText("api.anthropic.com")).toBeOnTheScreen());
  expect(screen.getByText("ends with wxyz")).toBeOnTheScreen();
  expect(screen.getByText("Works")).toBeOnTheScreen();
});

test("a key is typed unseen, and a refusal is said beside the field", async () => {
  const put = jest.fn(async (_key: PutKey): Promise<KeyInfo> => {
    throw new Error("The service refused the key.");
  });
  const server = aServer({ keys: async () => ({ keys: [], serverKeys: [] }), putKey: put });
  await renderIn(<KeysScreen />, server.store);
  await waitFor(() => expect(screen.getByRole("button", { name: "Add a key" })).toBeOnTheScreen());
  await user.press(screen.getByRole("button", { name: "Add a key" }));
  const field = screen.getByLabelText("Key");
  expect(field.props.secureTextEntry).toBe(true);
  await user.type(field, "sk-ant-1");
  await user.press(screen.getByRole("button", { name: "Save" }));
  expect(put).toHaveBeenCalledWith({ purpose: "model", key: "sk-ant-1" });
  await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent(/The service refused the key/));
});

test("what could not be loaded can be asked for again", async () => {
  let asked = 0;
  const server = aServer({
    keys: async () => {
      asked += 1;
      if (asked === 1) throw new Error("no answer");
      return { keys: [key], serverKeys: [] };
    },
  });
  await renderIn(<KeysScreen />, server.store);
  await waitFor(() => expect(screen.getByText("This could not be loaded")).toBeOnTheScreen());
  await user.press(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.getByText("api.anthropic.com")).toBeOnTheScreen());
});
