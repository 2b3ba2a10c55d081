import { chmod, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "bun";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { needed, openWorld, type World } from "../../e2e/support/world.ts";
import { newDevice, PHONE, signInByLink } from "../../screens/browser.ts";
import { doneText, type Order, orderText } from "./orders.ts";

const ROW = '[data-testid^="task-"]';

/** A whole system whose agent obeys orders, and the app on it. */
export async function openFarhand(browser: Browser) {
  const worker = join(tmpdir(), `farhand-bench-worker-${process.pid}`);
  await Bun.write(worker, `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dir, "worker.ts")}"\n`);
  await chmod(worker, 0o755);
  const world = await openWorld({
    FARHAND_SANDBOX: "process",
    FARHAND_WORKER_BINARY: worker,
    FARHAND_WEB_APP: needed("FARHAND_WEB_APP"),
    FARHAND_EVENTS_MAX_MIB: "4096",
  });
  const first = await newDevice(browser, { size: PHONE });
  const page = await first.newPage();
  await signInByLink(page, (await world.client.makeSignInLink()).url);
  await page.getByRole("heading", { name: "Tasks", exact: true }).waitFor();
  const { cookies } = await first.storageState();
  await first.close();
  return {
    world,
    listUrl: `${world.client.baseUrl}/`,
    row: ROW,
    /** A device that is signed in and holds nothing else. */
    async device(size = PHONE): Promise<BrowserContext> {
      const context = await newDevice(browser, { size });
      await context.addCookies(cookies);
      return context;
    },
    taskUrl: (id: string) => `${world.client.baseUrl}/task/${id}`,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await Bun.file(worker).delete();
    },
  };
}

export type Farhand = Awaited<ReturnType<typeof openFarhand>>;

/** Begins a task with an order, and waits until it is done. */
export async function begin(world: World, order: Order): Promise<string> {
  const { id } = await world.create({ prompt: orderText(order) });
  await done(world, id, order);
  return id;
}

/** Gives the agent another order. */
export const give = async (world: World, taskId: string, order: Order): Promise<void> => {
  await world.client.sendMessage(taskId, { text: orderText(order) });
};

export async function done(world: World, taskId: string, order: Order): Promise<void> {
  const end = await world.until(
    taskId,
    (body) =>
      (body.type === "assistant.message" && body.messageId === `done_${order.id}`) ||
      (body.type === "state.changed" && body.to === "failed"),
  );
  if (end.body.type === "state.changed") throw new Error(`the agent failed: ${end.body.failure?.message}`);
  if (order.isLast) await world.ended(taskId);
}

/** The newest answer, as the chat shows it. */
export const SAID = '[data-testid="row-assistant"]';
export const saidDone = (order: Order): string => doneText(order.id);

/** Bytes of a built app's files by their kind, each compressed by gzip as a server would. */
export async function builtFiles(folder: string): Promise<{ js: number; all: number; largestJs: number }> {
  const sizes = { js: 0, all: 0, largestJs: 0 };
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    // Those that are compressed already are the same files once more.
    if (/\.(gz|br|map)$/.test(name) || !(await stat(path)).isFile()) continue;
    const bytes = gzipSync(await Bun.file(path).bytes(), { level: 9 }).byteLength;
    sizes.all += bytes;
    if (!/\.m?js$/.test(name)) continue;
    sizes.js += bytes;
    sizes.largestJs = Math.max(sizes.largestJs, bytes);
  }
  return sizes;
}

/** One tap away from the list, as a person opens a task. */
export const tapTask = (page: Page, id: string): Promise<void> => page.getByTestId(`task-${id}`).tap();
