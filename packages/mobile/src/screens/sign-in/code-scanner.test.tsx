import { act, screen, userEvent } from "@testing-library/react-native";
import { useCameraPermissions } from "expo-camera";
import { renderIn } from "../../../test/a-server.tsx";
import { parseServerAddress } from "../../session/server-address.ts";
import { ServerForm } from "./server-form.tsx";

/** The phone's camera, which sees what a test shows it. */
const camera: { onBarcodeScanned?: (code: { data: string }) => void; barcodeScannerSettings?: unknown } = {};
jest.mock("expo-camera", () => ({
  CameraView: (props: object) => {
    Object.assign(camera, props);
    return null;
  },
  useCameraPermissions: jest.fn(() => [{ granted: true }, jest.fn()]),
}));

const user = userEvent.setup();
const GOOD = "https://farhand.example.com/link?token=abc";

async function scanning() {
  const chosen: string[] = [];
  const choose = (given: string) => {
    const address = parseServerAddress(given);
    if (address) chosen.push(given);
    return address !== null;
  };
  await renderIn(<ServerForm initial="" onChosen={choose} />);
  await user.press(screen.getByRole("button", { name: "Scan a code" }));
  const show = (data: string) => act(async () => camera.onBarcodeScanned?.({ data }));
  return { chosen, show };
}

test("the code of another device is taken whole, with its token, and the camera goes", async () => {
  const { chosen, show } = await scanning();
  expect(screen.getByText("Scan the code")).toBeOnTheScreen();
  expect(camera.barcodeScannerSettings).toEqual({ barcodeTypes: ["qr"] });
  await show(GOOD);
  expect(chosen).toEqual([GOOD]);
  expect(screen.queryByText("Scan the code")).toBeNull();
});

test.each(["WIFI:S:home;T:WPA;P:secret pass;;", "mailto:me@example.com", "javascript:alert(1)", "two words"])(
  "a code that is no server's says so, and the camera looks on: %s",
  async (bad) => {
    const { chosen, show } = await scanning();
    await show(bad);
    expect(chosen).toEqual([]);
    expect(screen.getByRole("alert")).toHaveTextContent("This is no code of a Farhand server.");
    await show(GOOD);
    expect(chosen).toEqual([GOOD]);
    // Whoever scans anew is not told of the last time.
    await user.press(screen.getByRole("button", { name: "Scan a code" }));
    expect(screen.queryByRole("alert")).toBeNull();
  },
);

test("without the camera it says what for it is needed, and asks when somebody allows it", async () => {
  const ask = jest.fn();
  jest.mocked(useCameraPermissions).mockReturnValue([null, ask, jest.fn()]);
  await scanning();
  expect(screen.getByText(/^Farhand needs the camera to scan the code/)).toBeOnTheScreen();
  expect(ask).not.toHaveBeenCalled();
  await user.press(screen.getByRole("button", { name: "Allow the camera" }));
  expect(ask).toHaveBeenCalledTimes(1);
});
