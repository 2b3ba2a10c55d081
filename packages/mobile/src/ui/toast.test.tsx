import { act, render, screen } from "@testing-library/react-native";
import { AccessibilityInfo } from "react-native";
import { SafeAreaProvider } from "react-native-safe-area-context";
import { ThemeProvider } from "../theme/theme.tsx";
import { ACTION_MS, ToastHost, toast } from "./toast.tsx";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const metrics = {
  frame: { x: 0, y: 0, width: 390, height: 844 },
  insets: { top: 0, left: 0, right: 0, bottom: 0 },
};
const Hosts = ({ count }: { count: number }) => (
  <SafeAreaProvider initialMetrics={metrics}>
    <ThemeProvider>
      {Array.from({ length: count }, (_, at) => `host ${at}`).map((key) => (
        <ToastHost key={key} />
      ))}
    </ThemeProvider>
  </SafeAreaProvider>
);

test("a toast that moves into a sheet is there no longer than it would have been", async () => {
  await render(<Hosts count={1} />);
  await act(async () => toast("Archived", { title: "Undo", onPress: () => undefined }));
  expect(screen.getByText("Undo")).toBeOnTheScreen();
  await act(async () => jest.advanceTimersByTime(ACTION_MS - 1000));
  await screen.rerender(<Hosts count={2} />);
  expect(screen.getByText("Undo")).toBeOnTheScreen();
  await act(async () => jest.advanceTimersByTime(1000));
  expect(screen.queryByText("Undo")).toBeNull();
});

test("its button is said with its words", async () => {
  const said = jest.spyOn(AccessibilityInfo, "announceForAccessibility").mockReturnValue(undefined);
  said.mockClear();
  await act(async () => toast("Archived", { title: "Undo", onPress: () => undefined }));
  await act(async () => toast("Saved"));
  expect(said.mock.calls).toEqual([["Archived. Undo"], ["Saved"]]);
});
