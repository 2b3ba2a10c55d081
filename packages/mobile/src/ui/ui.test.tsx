import { screen, userEvent } from "@testing-library/react-native";
import { View } from "react-native";
import { renderIn } from "../../test/a-server.tsx";
import { Banner } from "./banner.tsx";
import { Button } from "./button.tsx";
import { ErrorState } from "./error-state.tsx";
import { IconButton } from "./icon-button.tsx";
import { ListGroup, ListRow } from "./list-row.tsx";
import { Sheet } from "./sheet.tsx";
import { Skeleton } from "./skeleton.tsx";
import { TextField } from "./text-field.tsx";

const user = userEvent.setup();

test("a button says what it does, and does it", async () => {
  const pressed = jest.fn();
  await renderIn(<Button title="Start" onPress={pressed} />);
  await user.press(screen.getByRole("button", { name: "Start" }));
  expect(pressed).toHaveBeenCalledTimes(1);
});

test("a button that is busy cannot be pressed again", async () => {
  const pressed = jest.fn();
  await renderIn(<Button title="Start" isBusy onPress={pressed} />);
  const button = screen.getByRole("button", { name: "Start" });
  expect(button).toBeDisabled();
  expect(button).toBeBusy();
  await user.press(button);
  expect(pressed).not.toHaveBeenCalled();
});

test("whatever can be pressed is at least 44 points high and wide", async () => {
  await renderIn(
    <View>
      <IconButton icon="add" label="Add" onPress={() => undefined} />
      <Button title="B" isCompact onPress={() => undefined} />
    </View>,
  );
  for (const name of ["Add", "B"])
    expect(screen.getByRole("button", { name })).toHaveStyle({ minHeight: 44, minWidth: 44 });
});

test("a field is found by its label, and tells what is wrong with it", async () => {
  const changed = jest.fn();
  await renderIn(<TextField label="Branch" error="No such branch" value="" onChangeText={changed} />);
  await user.type(screen.getByLabelText("Branch"), "x");
  expect(changed).toHaveBeenLastCalledWith("x");
  expect(screen.getByRole("alert")).toHaveTextContent("No such branch");
});

test("a choice says which one is chosen", async () => {
  await renderIn(
    <ListGroup title="Theme" isChoice>
      <ListRow title="Light" choice={{ isChosen: true }} onPress={() => undefined} />
      <ListRow title="Dark" choice={{ isChosen: false }} onPress={() => undefined} />
    </ListGroup>,
  );
  expect(screen.getByRole("radio", { name: "Light" })).toBeChecked();
  expect(screen.getByRole("radio", { name: "Dark" })).not.toBeChecked();
});

test("a sheet has a name and a way out, and shows nothing while it is closed", async () => {
  const closed = jest.fn();
  const { rerender } = await renderIn(
    <Sheet title="Options" isOpen onClose={closed}>
      <ListRow title="Inside" />
    </Sheet>,
  );
  expect(screen.getByText("Inside")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Close" }));
  expect(closed).toHaveBeenCalledTimes(1);
  await rerender(
    <Sheet title="Options" isOpen={false} onClose={closed}>
      <ListRow title="Inside" />
    </Sheet>,
  );
  expect(screen.queryByText("Inside")).toBeNull();
});

test("an error says what to do and can be tried again", async () => {
  const retried = jest.fn();
  await renderIn(
    <ErrorState trouble={{ title: "No answer", action: "Check the network." }} onRetry={retried} />,
  );
  expect(screen.getByRole("heading", { name: "No answer" })).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Try again" }));
  expect(retried).toHaveBeenCalledTimes(1);
});

test("what is on its way and what holds for the screen is told to screen readers", async () => {
  await renderIn(
    <View>
      <Skeleton />
      <Banner tone="danger" text="Refused" />
    </View>,
  );
  expect(screen.getByLabelText("Loading")).toBeBusy();
  expect(screen.getByRole("alert")).toHaveTextContent("Refused");
});
