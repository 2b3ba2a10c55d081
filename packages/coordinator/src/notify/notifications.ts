import type { DeviceKeeper, Notifiers } from "../domain/notification.ts";
import type { Outgoing, Safe } from "../domain/vault.ts";
import { createDevices } from "./devices.ts";
import { createExpo } from "./expo.ts";
import { createNtfy } from "./ntfy.ts";
import { createPump, type Pump, type PumpOptions } from "./pump.ts";
import { createTargets } from "./targets.ts";
import { createVapid } from "./vapid.ts";
import { createWebPush } from "./web-push.ts";

export interface NotificationOptions
  extends Omit<PumpOptions, "targets" | "notifiers" | "vapid" | "outgoing"> {
  safe: Safe;
  outgoing: Outgoing;
  /** The server's own address, as people use it. */
  url: () => string;
  /** Whom a push service may write to; null for the server's own address, where that is good for it. */
  contact: string | null;
  expoAccessToken: string | null;
}

/** Push services take `https:` and `mailto:` alone, and some of them no local name. */
const NOBODY = "mailto:nobody@farhand.invalid";

/** Everything about devices and what they are told. */
export function createNotifications(options: NotificationOptions): { devices: DeviceKeeper; pump: Pump } {
  const { safe, outgoing, url, clock, contact } = options;
  const vapid = createVapid(safe);
  const notifiers: Notifiers = {
    web: createWebPush({
      vapid,
      contact: () => contact ?? (url().startsWith("https:") ? url() : NOBODY),
      outgoing,
      clock,
    }),
    expo: createExpo({ accessToken: options.expoAccessToken }),
    ntfy: createNtfy({ outgoing, url, clock }),
  };
  const all = { ...options, targets: createTargets(safe), notifiers, vapid };
  return { devices: createDevices(all), pump: createPump(all) };
}
