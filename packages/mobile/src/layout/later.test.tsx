import { render, screen } from "@testing-library/react-native";
import { Text } from "react-native";
import { Later } from "./later.tsx";
import { part } from "./part.ts";

const Shown = () => <Text>here</Text>;

test("a part is brought once, and shown when it has come", async () => {
  const load = jest.fn(async () => ({ Shown }));
  const screens = part(load);
  const view = await render(<Later part={screens}>{(it) => <it.Shown />}</Later>);
  expect(await screen.findByText("here")).toBeOnTheScreen();
  await view.unmount();
  // Now it is there: without waiting, and without asking again.
  await render(<Later part={screens}>{(it) => <it.Shown />}</Later>);
  expect(screen.getByText("here")).toBeOnTheScreen();
  expect(load).toHaveBeenCalledTimes(1);
});

test("what does not come is asked for again", async () => {
  const load = jest.fn(async () => ({ Shown }));
  load.mockRejectedValueOnce(new Error("offline"));
  const screens = part(load);
  await expect(screens.bring()).rejects.toThrow("offline");
  expect(screens.found).toBeNull();
  await expect(screens.bring()).resolves.toEqual({ Shown });
  expect(screens.found).toEqual({ Shown });
});
