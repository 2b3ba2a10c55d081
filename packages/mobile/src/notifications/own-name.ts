import { deviceName } from "../screens/settings/device-name.ts";

/** What this device is called in the list of devices. */
export const ownName = (): string => deviceName({ kind: "browser", label: navigator.userAgent });
