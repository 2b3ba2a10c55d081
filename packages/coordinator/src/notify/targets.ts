import { createHash } from "node:crypto";
import { DeviceTarget } from "@farhand/protocol";
import type { Safe } from "../domain/vault.ts";

const EXPO_HOST = "exp.host";

/** Where devices are reached, sealed: whoever has an address can write to it. */
export interface Targets {
  get(device: { id: string; userId: string }): Promise<DeviceTarget | null>;
  put(device: { id: string; userId: string }, target: DeviceTarget): Promise<void>;
  remove(device: { id: string; userId: string }): Promise<void>;
}

export function createTargets(safe: Safe): Targets {
  const place = ({ id, userId }: { id: string; userId: string }) => ({
    userId,
    purpose: "device",
    subject: id,
  });
  return {
    async get(device) {
      const text = await safe.open(place(device), (it) => secretsOf(DeviceTarget.parse(JSON.parse(it))));
      return text === null ? null : DeviceTarget.parse(JSON.parse(text));
    },
    put: (device, target) => safe.put(place(device), JSON.stringify(target)),
    remove: (device) => safe.remove(place(device)),
  };
}

/** What must stand in no log. */
function secretsOf(target: DeviceTarget): string[] {
  switch (target.channel) {
    case "web":
      return [target.subscription.endpoint, target.subscription.keys.auth];
    case "expo":
      return [target.token];
    case "ntfy":
      return target.accessToken === null ? [] : [target.accessToken];
  }
}

/** The address that requests go to; null where it is not the user's to name. */
export function urlOf(target: DeviceTarget): string | null {
  switch (target.channel) {
    case "web":
      return target.subscription.endpoint;
    case "expo":
      return null;
    case "ntfy":
      return target.server;
  }
}

export function hostOf(target: DeviceTarget): string {
  const url = urlOf(target);
  return url === null ? EXPO_HOST : new URL(url).host;
}

/**
 * The same for two registrations of one device: a browser and an app have one user at a time, and a topic may have many.
 * Not to be turned back into the address.
 */
export function targetHash(userId: string, target: DeviceTarget): string {
  return createHash("sha256")
    .update(JSON.stringify(identifying(userId, target)))
    .digest("hex");
}

function identifying(userId: string, target: DeviceTarget): string[] {
  switch (target.channel) {
    case "web":
      return ["web", target.subscription.endpoint];
    case "expo":
      return ["expo", target.token];
    case "ntfy":
      return ["ntfy", userId, target.server, target.topic];
  }
}
