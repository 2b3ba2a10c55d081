import { type ChatRow, EMPTY_VIEW, type OpenTaskState } from "@farhand/client/app";
import { screen, userEvent } from "@testing-library/react-native";
import { setStringAsync } from "expo-clipboard";
import { Share } from "react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { ToastHost } from "../../../ui/toast.tsx";
import { RowMenu } from "./row-menu.tsx";

/** The phone's own parts. */
jest.mock("expo-clipboard", () => ({ setStringAsync: jest.fn(async () => true) }));
const shared = jest.spyOn(Share, "share");
jest.mock("../open-task.tsx", () => ({ useOpenTask: () => ({ taskId: "t_1", view: mockView }) }));
const mockView: OpenTaskState["view"] = EMPTY_VIEW;

beforeEach(() => {
  jest.clearAllMocks();
  shared.mockResolvedValue({ action: "sharedAction" });
});
afterAll(() => shared.mockRestore());

const TEXT = "The prices are **rounded**.\n\n- to five cents";
const row = (given: object): ChatRow =>
  ({
    id: "e7",
    seq: 7,
    at: "2026-03-01T10:00:00.000Z",
    turn: 1,
    kind: "assistant",
    isStreaming: false,
    text: TEXT,
    ...given,
  }) as ChatRow;

const user = userEvent.setup();
async function open(of: ChatRow) {
  const close = jest.fn();
  await renderIn(
    <>
      <RowMenu row={of} onClose={close} />
      <ToastHost />
    </>,
    aServer().store,
  );
  return close;
}

test("a message is copied as it was written, and that is said", async () => {
  const close = await open(row({}));
  await user.press(screen.getByRole("button", { name: "Copy the text" }));
  expect(setStringAsync).toHaveBeenCalledWith(TEXT);
  expect(await screen.findByText("Copied")).toBeOnTheScreen();
  expect(close).toHaveBeenCalledTimes(1);
});

test("where it could not be copied, that is said", async () => {
  jest.mocked(setStringAsync).mockResolvedValueOnce(false);
  await open(row({}));
  await user.press(screen.getByRole("button", { name: "Copy the text" }));
  expect(await screen.findByText("It could not be copied")).toBeOnTheScreen();
});

test("a message is offered to other apps as it was written, and not copied beside that", async () => {
  await open(row({}));
  await user.press(screen.getByRole("button", { name: "Share" }));
  expect(shared).toHaveBeenCalledWith({ message: TEXT });
  expect(setStringAsync).not.toHaveBeenCalled();
});

test("of the end of a turn its title and summary are copied, and of nothing said nothing", async () => {
  await open(
    row({
      kind: "turn_end",
      outcome: "finished",
      title: "Round prices",
      summary: "To five cents.",
      failure: null,
      checkpoint: null,
    }),
  );
  await user.press(screen.getByRole("button", { name: "Copy the text" }));
  expect(setStringAsync).toHaveBeenCalledWith("Round prices\n\nTo five cents.");
});

test("where nothing was said there is nothing to copy or share", async () => {
  await open(
    row({
      kind: "turn_end",
      outcome: "stopped",
      title: null,
      summary: null,
      failure: null,
      checkpoint: null,
    }),
  );
  expect(screen.queryByRole("button", { name: "Copy the text" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Share" })).toBeNull();
});
