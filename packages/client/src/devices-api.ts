import type {
  DeviceInfo,
  DeviceList,
  DeviceTest,
  RegisterDevice,
  UpdateDevice,
  VapidKey,
} from "@farhand/protocol";
import type { Rest } from "./rest.ts";
import type { ChangeArgument } from "./tasks-api.ts";

/** The devices that get notifications. */
export interface DevicesApi {
  /** The key that a browser subscribes to Web Push with. */
  vapidKey(signal?: AbortSignal): Promise<VapidKey>;
  devices(signal?: AbortSignal): Promise<DeviceList>;
  /** Adds a device, or says anew where a known one is reached. */
  registerDevice(device: RegisterDevice, options?: ChangeArgument): Promise<DeviceInfo>;
  updateDevice(deviceId: string, change: UpdateDevice, options?: ChangeArgument): Promise<DeviceInfo>;
  removeDevice(deviceId: string, options?: ChangeArgument): Promise<DeviceList>;
  /** Sends a notification at once. */
  testDevice(deviceId: string, options?: ChangeArgument): Promise<DeviceTest>;
}

export function createDevicesApi(rest: Rest): DevicesApi {
  const of = (options: ChangeArgument = {}) =>
    options instanceof AbortSignal ? { signal: options } : options;
  const pathOf = (deviceId: string) => `/api/devices/${encodeURIComponent(deviceId)}`;
  return {
    vapidKey: (signal) => rest.read("VapidKey", { path: "/api/notifications/vapid", signal }),
    devices: (signal) => rest.read("DeviceList", { path: "/api/devices", signal }),
    registerDevice: (body, options) =>
      rest.change("DeviceInfo", { method: "POST", path: "/api/devices", body, ...of(options) }),
    updateDevice: (deviceId, body, options) =>
      rest.change("DeviceInfo", { method: "PATCH", path: pathOf(deviceId), body, ...of(options) }),
    removeDevice: (deviceId, options) =>
      rest.change("DeviceList", {
        method: "DELETE",
        path: pathOf(deviceId),
        body: undefined,
        ...of(options),
      }),
    testDevice: (deviceId, options) =>
      rest.change("DeviceTest", {
        method: "POST",
        path: `${pathOf(deviceId)}/test`,
        body: undefined,
        ...of(options),
      }),
  };
}
