import type { Subscription, WebPushService } from "@farhand/simulators/push";
import type { BrowserContext, CDPSession, Page, Worker } from "playwright-core";
import { until } from "../../screens/browser.ts";

/** A notification that the browser shows now. */
export interface Shown {
  title: string;
  body: string;
  tag: string;
  actions: { action: string; title: string }[];
}

/** The browser's end of Web Push, for a page whose service worker is there. */
export interface BrowserPush extends AsyncDisposable {
  worker: Worker;
  /** As the browser's push service brings it: decrypted, to the registration that it is for. Resolves when it is shown. */
  deliver(text: string): Promise<void>;
  shown(): Promise<Shown[]>;
  /** Waits until as many are shown. */
  showing(count: number): Promise<Shown[]>;
  /**
   * Taps the notification with that tag, or one of its buttons, and waits for what the service worker does. Nothing but
   * the system's own surface could tap it for real: the worker hears the event that the browser would send it. A browser
   * lets only a real tap bring a window to the front, so that alone is left out.
   */
  tap(tag: string, action?: string): Promise<void>;
}

/** Chromium has notifications only where they were allowed: `context.grantPermissions(["notifications"])`. */
export async function openBrowserPush(page: Page): Promise<BrowserPush> {
  await page.evaluate("navigator.serviceWorker.ready.then(() => null)");
  const worker = await serviceWorkerOf(page);
  const session = await page.context().newCDPSession(page);
  const registrationId = await registrationOf(session);
  const { origin } = new URL(page.url());

  await worker.evaluate(COUNTING);
  const shown = () => worker.evaluate<Shown[]>(SHOWN);
  return {
    worker,
    async deliver(data) {
      const before = await worker.evaluate<number>(COUNT);
      await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
      await until(async () => (await worker.evaluate<number>(COUNT)) > before);
    },
    shown,
    async showing(count) {
      await until(async () => (await shown()).length === count);
      return shown();
    },
    async tap(tag, action = "") {
      await worker.evaluate(
        TAP.replace("TAG", JSON.stringify(tag)).replace("ACTION", JSON.stringify(action)),
      );
    },
    [Symbol.asyncDispose]: () => session.detach(),
  };
}

async function serviceWorkerOf(page: Page): Promise<Worker> {
  const context = page.context();
  const found = () => context.serviceWorkers().find((it) => it.url().endsWith("/sw.js"));
  await until(async () => found() !== undefined);
  const worker = found();
  if (!worker) throw new Error("there is no service worker");
  return worker;
}

async function registrationOf(session: CDPSession): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    const registration = registrations.find(({ isDeleted }) => !isDeleted);
    if (registration) resolve(registration.registrationId);
  });
  await session.send("ServiceWorker.enable");
  return promise;
}

/**
 * Subscribes the context's pages at the given push service, as a browser does at its maker's, which is out of reach here.
 * @returns what the browser is subscribed as now
 */
export async function subscribeAt(
  context: BrowserContext,
  service: WebPushService,
): Promise<() => Subscription | null> {
  let current: { subscription: Subscription; key: string } | null = null;
  await context.exposeFunction("__subscribed", () => current);
  await context.exposeFunction("__subscribe", (key: string) => {
    if (current && current.key !== key) throw new Error("it is subscribed with another key");
    current ??= { subscription: service.subscribe(key), key };
    return current;
  });
  await context.exposeFunction("__unsubscribe", () => {
    if (current) service.unsubscribe(current.subscription);
    current = null;
    return true;
  });
  await context.addInitScript(PUSH_MANAGER);
  return () => current?.subscription ?? null;
}

const PUSH_MANAGER = `(() => {
  const bytesOf = (key) => Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (it) => it.charCodeAt(0)).buffer;
  const subscriptionOf = (found) => found && {
    endpoint: found.subscription.endpoint,
    options: { userVisibleOnly: true, applicationServerKey: bytesOf(found.key) },
    toJSON: () => found.subscription,
    unsubscribe: () => __unsubscribe(),
  };
  PushManager.prototype.getSubscription = async () => subscriptionOf(await __subscribed());
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly) throw new DOMException("a push has to be shown", "NotAllowedError");
    if (Notification.permission !== "granted") throw new DOMException("it was not allowed", "NotAllowedError");
    return subscriptionOf(await __subscribe(applicationServerKey));
  };
})()`;

/**
 * Chromium forgets a notification that is asked for while it is being shown: so what was shown is counted, and only then
 * looked at.
 */
const COUNTING = `{
  const { registration } = self;
  const show = registration.showNotification.bind(registration);
  self.__shown = 0;
  registration.showNotification = async (...given) => {
    await show(...given);
    self.__shown += 1;
  };
}`;
const COUNT = "self.__shown";

const SHOWN = `self.registration.getNotifications().then((all) =>
  all.map(({ title, body, tag, actions }) => ({ title, body, tag, actions: actions.map(({ action, title }) => ({ action, title })) })),
)`;

const TAP = `(async () => {
  const [notification] = await self.registration.getNotifications({ tag: TAG });
  if (!notification) throw new Error("no such notification is shown");
  const event = new NotificationEvent("notificationclick", { notification, action: ACTION });
  const work = [];
  Object.defineProperty(event, "waitUntil", { value: (promise) => void work.push(promise) });
  self.dispatchEvent(event);
  for (const { reason } of await Promise.allSettled(work))
    if (reason && reason.name !== "InvalidAccessError") throw reason;
})()`;
