import Constants from "expo-constants";
import { deviceName } from "../screens/settings/device-name.ts";

/** What this device is called in the list of devices. */
export const ownName = (): string => deviceName({ kind: "app", label: Constants.deviceName ?? "" });
