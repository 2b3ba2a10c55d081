import type { Page } from "playwright-core";
import { until } from "../../screens/browser.ts";
import type { World } from "./world.ts";

/** The page can be opened without the network from now on: its service worker is at work and has the app's files. */
export async function canOpenOffline(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const { serviceWorker } = navigator;
    await serviceWorker.ready;
    if (!serviceWorker.controller)
      await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  })()`);
}

/** Keys of everything that the device keeps of the account. */
const KEPT_KEYS = `(async () => {
  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const keys = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("farhand-")) continue;
    const opened = await asked(indexedDB.open(name));
    for (const store of opened.objectStoreNames)
      keys.push(...(await asked(opened.transaction(store).objectStore(store).getAllKeys())));
    opened.close();
  }
  return keys;
})()`;

/** The device has all that the server's log of the task holds: it writes with a short delay. */
export async function keeps(page: Page, world: World, taskId: string): Promise<void> {
  const { lastSeq } = await world.client.getTask(taskId);
  await until(async () => {
    const keys = await page.evaluate<string[]>(KEPT_KEYS);
    const events = keys.filter((key) => key.startsWith(`event/${taskId}/`));
    return keys.includes(`task/${taskId}`) && events.length === lastSeq;
  });
}

/** The device keeps what the server said, below a key of the app's cache. */
export async function keepsAnswer(page: Page, key: string): Promise<void> {
  await until(async () =>
    (await page.evaluate<string[]>(KEPT_KEYS)).includes(`cache/value/${encodeURIComponent(key)}`),
  );
}

/** Opens the page anew where it is: a browser that is told to be offline keeps the sockets that are open. */
export async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.reload();
  // Below a task's screen is the list, which says it as well.
  await page.getByText("Offline. You see what this device keeps.").last().waitFor();
}

export const goOnline = (page: Page): Promise<void> => page.context().setOffline(false);

/** Writes a message as a person does. Resolves once the composer is empty: then the device keeps the message. */
export async function write(page: Page, text: string): Promise<void> {
  const composer = page.getByTestId("composer");
  await composer.fill(text);
  await page.getByTestId("send").click();
  await until(async () => (await composer.inputValue()) === "");
}

/** What the agent was told after the prompt, in order. A message that came twice is here twice. */
export async function told(world: World, taskId: string): Promise<string[]> {
  return (await world.events(taskId)).flatMap(({ body }) =>
    body.type === "user.message" || (body.type === "turn.started" && body.turn > 1 && !body.isRetry)
      ? [body.text]
      : [],
  );
}
