import type { RestApi } from "@farhand/client/app";
import type { DeviceInfo, DeviceTarget } from "@farhand/protocol";
import { storage } from "../prefs/storage";
import { accountKey, keptAccount } from "../session/account.ts";
import { ownName } from "./own-name";
import type { Permission, PushChannel } from "./push-channel";

/** What is needed of the server to be notified by it. */
export type DeviceClient = Pick<
  RestApi,
  "vapidKey" | "devices" | "registerDevice" | "removeDevice" | "sessions"
>;

export interface ThisDeviceOptions {
  client: DeviceClient;
  push: PushChannel;
}

/** That this device is to be notified, kept on it: what it was registered as, and by which sign-in. */
interface Kept {
  account: string;
  address: string;
  sessionId: string | null;
}

const KEY = "farhand.push";

const ownAccount = (): string | null => {
  const account = keptAccount();
  return account && accountKey(account);
};

function kept(): Kept | null {
  try {
    const found = JSON.parse(storage.get(KEY) ?? "null") as Kept | null;
    return found !== null && found.account === ownAccount() ? found : null;
  } catch {
    return null;
  }
}

/** Whoever is signed in wants to be notified on this device. */
export const isWanted = (): boolean => kept() !== null;

/** The devices of the server's list that are this one. A renewed subscription may have left another behind. */
export const ownDevices = (
  devices: readonly DeviceInfo[],
  push: Pick<PushChannel, "channel">,
): DeviceInfo[] => devices.filter(({ isCurrent, channel }) => isCurrent && channel === push.channel);

/** Asks the person, and registers this device. @returns what the person said; only `granted` has registered it */
export async function turnOn(options: ThisDeviceOptions): Promise<Permission> {
  const permission = await options.push.ask();
  if (permission === "granted") await register(options);
  return permission;
}

export async function turnOff({ client, push }: ThisDeviceOptions): Promise<void> {
  storage.set(KEY, null);
  // First the device itself: whatever the server says, nothing reaches it any more.
  await push.end();
  for (const { id } of ownDevices((await client.devices()).devices, push)) await client.removeDevice(id);
}

/** Signing out is not kept waiting longer by a server that does not answer. */
const LEAVE_MS = 3_000;

/**
 * Whoever signs out is not notified any more: on the device at once, and in the server's list where it answers. Where it
 * does not, it drops the device when it would next have told it something.
 */
export async function leave({ client, push }: ThisDeviceOptions): Promise<void> {
  if (storage.get(KEY) === null) return;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LEAVE_MS);
  try {
    await push.end();
    const { devices } = await client.devices(late.signal);
    for (const { id } of ownDevices(devices, push)) await client.removeDevice(id, late.signal);
  } catch {
    // There is nobody left to tell.
  } finally {
    clearTimeout(timer);
    storage.set(KEY, null);
  }
}

/**
 * Registers this device anew where it is reached elsewhere than the server knows: its address has changed, the server has
 * another key, or somebody has signed in again. What was removed from another device stays removed.
 */
export async function renew(options: ThisDeviceOptions): Promise<"renewed" | "as it was" | "ended"> {
  const { client, push } = options;
  const before = kept();
  if (!before || (await push.permission()) !== "granted") return "as it was";
  const target = await push.current(serverKeyOf(client));
  if (target && addressOf(target) === before.address) {
    const { devices } = await client.devices();
    if (ownDevices(devices, push).length > 0) return "as it was";
    if ((await currentSession(client)) === before.sessionId) {
      storage.set(KEY, null);
      await push.end();
      return "ended";
    }
  }
  await register(options);
  return "renewed";
}

async function register({ client, push }: ThisDeviceOptions): Promise<void> {
  const target = await push.subscribe(serverKeyOf(client));
  const before = ownDevices((await client.devices()).devices, push);
  const kinds = before[0]?.kinds;
  const device = await client.registerDevice({ label: ownName(), target, ...(kinds ? { kinds } : {}) });
  const sessionId = await currentSession(client);
  const account = ownAccount();
  if (account !== null) {
    const now: Kept = { account, address: addressOf(target), sessionId };
    storage.set(KEY, JSON.stringify(now));
  }
  for (const { id } of before) if (id !== device.id) await client.removeDevice(id);
}

const serverKeyOf = (client: DeviceClient) => async () => (await client.vapidKey()).publicKey;

async function currentSession(client: DeviceClient): Promise<string | null> {
  return (await client.sessions()).sessions.find(({ isCurrent }) => isCurrent)?.id ?? null;
}

function addressOf(target: DeviceTarget): string {
  switch (target.channel) {
    case "web":
      return target.subscription.endpoint;
    case "expo":
      return target.token;
    case "ntfy":
      return `${target.server}/${target.topic}`;
  }
}
