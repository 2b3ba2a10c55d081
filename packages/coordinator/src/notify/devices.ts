import type { DeviceInfo, DeviceKinds, DeviceTarget, PushNotification } from "@farhand/protocol";
import { failure } from "../domain/failure.ts";
import type { Identity } from "../domain/identity.ts";
import type { Device, DeviceKeeper, DeviceStore, Notifiers, Sent } from "../domain/notification.ts";
import { testNotification } from "../domain/notification-text.ts";
import type { Clock } from "../domain/ports.ts";
import type { Outgoing } from "../domain/vault.ts";
import { hostOf, type Targets, targetHash, urlOf } from "./targets.ts";
import type { Vapid } from "./vapid.ts";

const ALL_KINDS: DeviceKinds = { "needs-you": true, finished: true, failed: true };
const MOST_DEVICES = 50;

export interface DeviceOptions {
  devices: DeviceStore;
  targets: Targets;
  notifiers: Notifiers;
  vapid: Vapid;
  outgoing: Outgoing;
  clock: Clock;
  newId(prefix: string): string;
}

export function createDevices(options: DeviceOptions): DeviceKeeper {
  const { devices, targets, clock } = options;

  /** @throws FarhandError `not_found`, for one that is not there and for somebody else's alike */
  async function own(userId: string, deviceId: string): Promise<Device> {
    const device = await devices.get(deviceId);
    if (device?.userId === userId) return device;
    throw failure("not_found", "There is no such device.", "GET /api/devices lists yours.");
  }

  return {
    vapidKey: async () => (await options.vapid.keys()).publicKey,

    list: async (identity) => (await devices.list(identity.userId)).map((device) => shown(device, identity)),

    async register(identity, { label, target, kinds }) {
      const { userId } = identity;
      const url = urlOf(target);
      if (url !== null) await options.outgoing.demandAllowed(userId, url);
      const hash = targetHash(userId, target);
      const known = await devices.byTarget(hash);
      const isOwn = known?.userId === userId;
      if (!isOwn && (await devices.list(userId)).length >= MOST_DEVICES)
        throw failure(
          "conflict",
          `You have ${MOST_DEVICES} devices already.`,
          "Remove one that you no longer use.",
        );
      // Somebody else was signed in there before: what is theirs is not for whoever is signed in now.
      if (known && !isOwn) await forget(options, known);
      const device: Device = {
        id: isOwn ? known.id : options.newId("d_"),
        userId,
        sessionId: target.channel === "ntfy" ? null : identity.sessionId,
        channel: target.channel,
        label,
        host: hostOf(target),
        kinds: kinds ?? (isOwn ? known.kinds : ALL_KINDS),
        addedAt: isOwn ? known.addedAt : clock.now().toISOString(),
        lastSentAt: isOwn ? known.lastSentAt : null,
        lastError: null,
      };
      // First the address: a device without one could not be told anything.
      await targets.put(device, target);
      await devices.put(device, hash);
      return { device: shown(device, identity), isNew: !isOwn };
    },

    async update(identity, deviceId, { label, kinds }) {
      const device = await own(identity.userId, deviceId);
      const change = {
        ...(label === undefined ? {} : { label }),
        ...(kinds === undefined ? {} : { kinds: { ...device.kinds, ...definedOf(kinds) } }),
      };
      await devices.change(deviceId, change);
      return shown({ ...device, ...change }, identity);
    },

    async remove(identity, deviceId) {
      const device = await own(identity.userId, deviceId);
      await forget(options, device);
      return shown(device, identity);
    },

    async test(identity, deviceId) {
      const device = await own(identity.userId, deviceId);
      const notification = testNotification(options.newId("n_"), clock.now());
      const sent = await sendTo(options, device, notification, new AbortController().signal);
      await note(options, device, sent);
      if (sent.status === "sent") return { status: "sent", message: `It was handed to ${device.host}.` };
      return { status: "failed", message: sent.why };
    },
  };
}

/** Hands a notification to the service that reaches the device. */
export async function sendTo(
  { targets, notifiers }: Pick<DeviceOptions, "targets" | "notifiers">,
  device: Device,
  notification: PushNotification,
  signal: AbortSignal,
): Promise<Sent> {
  const target = await targets.get(device);
  if (!target)
    return { status: "refused", why: "Its address was sealed with another master key. Add the device anew." };
  return send(notifiers, { userId: device.userId, target }, notification, signal);
}

function send(
  notifiers: Notifiers,
  { userId, target }: { userId: string; target: DeviceTarget },
  notification: PushNotification,
  signal: AbortSignal,
): Promise<Sent> {
  switch (target.channel) {
    case "web":
      return notifiers.web.send({ userId, target }, notification, signal);
    case "expo":
      return notifiers.expo.send({ userId, target }, notification, signal);
    case "ntfy":
      return notifiers.ntfy.send({ userId, target }, notification, signal);
  }
}

/** Keeps with the device what came of the last try. */
export async function note(
  { devices, clock }: Pick<DeviceOptions, "devices" | "clock">,
  device: Pick<Device, "id">,
  sent: Sent,
): Promise<void> {
  if (sent.status === "sent")
    await devices.change(device.id, { lastSentAt: clock.now().toISOString(), lastError: null });
  else await devices.change(device.id, { lastError: sent.why });
}

export async function forget(
  { devices, targets }: Pick<DeviceOptions, "devices" | "targets">,
  device: Device,
): Promise<void> {
  await devices.remove(device.id);
  await targets.remove(device);
}

function shown(device: Device, identity: Identity): DeviceInfo {
  const { userId: _u, sessionId, ...info } = device;
  return { ...info, isCurrent: sessionId !== null && sessionId === identity.sessionId };
}

function definedOf(kinds: { [K in keyof DeviceKinds]?: boolean | undefined }): Partial<DeviceKinds> {
  return Object.fromEntries(Object.entries(kinds).filter(([, isOn]) => isOn !== undefined));
}
