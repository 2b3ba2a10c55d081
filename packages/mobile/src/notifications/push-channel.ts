import type { DeviceTarget } from "@farhand/protocol";
import { strings } from "../strings/strings.ts";

/** Why this device cannot be notified by its platform. `install-first`: only once the page is an app of its own. */
export type Unable = "insecure" | "unsupported" | "install-first" | "no-keys";
export type Permission = "granted" | "denied" | "undecided";

/** The platform's way to be reached while the app is away. */
export interface PushChannel {
  channel: "web" | "expo";
  unable(): Promise<Unable | null>;
  permission(): Promise<Permission>;
  /** Asks the person. Browsers want it to follow from a tap. */
  ask(): Promise<Permission>;
  /** Where this device is reached now; null where it is not, or where the server has another key. */
  current(serverKey: ServerKey): Promise<DeviceTarget | null>;
  /** Lets itself be reached. @throws where the platform's push service does not let it */
  subscribe(serverKey: ServerKey): Promise<DeviceTarget>;
  /** Nothing reaches this device any more, and nothing stays on its screen. */
  end(): Promise<void>;
}

/** Asks the server for its key, where a platform needs one. */
export type ServerKey = () => Promise<string>;

/** Web Push, by the service worker. */
export const pushChannel: PushChannel = {
  channel: "web",

  async unable() {
    if (!globalThis.isSecureContext) return "insecure";
    if (!("PushManager" in globalThis) || !("Notification" in globalThis))
      return isApple() ? "install-first" : "unsupported";
    return (await registration()) ? null : "unsupported";
  },

  permission: async () => permissionOf(Notification.permission),

  ask: async () => permissionOf(await Notification.requestPermission()),

  async current(serverKey) {
    const subscription = await (await registration())?.pushManager.getSubscription();
    if (!subscription) return null;
    return isFor(subscription, await serverKey()) ? targetOf(subscription) : null;
  },

  async subscribe(serverKey) {
    const manager = (await registration())?.pushManager;
    if (!manager) throw new Error(strings.notifications.unable.unsupported);
    const applicationServerKey = await serverKey();
    const before = await manager.getSubscription();
    // One of another key stands in the way of a new one.
    if (before && !isFor(before, applicationServerKey)) await before.unsubscribe();
    try {
      return targetOf(await manager.subscribe({ userVisibleOnly: true, applicationServerKey }));
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError")
        throw new Error(strings.notifications.noPushService);
      throw error;
    }
  },

  async end() {
    const registered = await registration();
    await (await registered?.pushManager?.getSubscription())?.unsubscribe();
    for (const shown of (await registered?.getNotifications?.()) ?? []) shown.close();
  },
};

/** None in a browser that refuses it, as private windows do. */
async function registration(): Promise<ServiceWorkerRegistration | null> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return null;
  try {
    await serviceWorker.register("/sw.js");
    return await serviceWorker.ready;
  } catch {
    return null;
  }
}

const permissionOf = (given: NotificationPermission): Permission =>
  given === "default" ? "undecided" : given;

/** iPhones and iPads notify for pages on the home screen only. iPads call themselves Macs. */
const isApple = (): boolean =>
  /\b(iPhone|iPad)\b/.test(navigator.userAgent) ||
  (/\bMacintosh\b/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

function isFor({ options }: PushSubscription, serverKey: string): boolean {
  const key = options.applicationServerKey;
  if (!key) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === serverKey.replace(/=+$/, "");
}

function targetOf(subscription: PushSubscription): DeviceTarget {
  const { endpoint, expirationTime, keys } = subscription.toJSON();
  const { p256dh = "", auth = "" } = keys ?? {};
  return {
    channel: "web",
    subscription: {
      endpoint: endpoint ?? "",
      expirationTime: expirationTime ?? null,
      keys: { p256dh, auth },
    },
  };
}
