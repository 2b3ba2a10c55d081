import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Null where none runs on this machine: tests that need one are then skipped and say so. Ubuntu has a program of that
 * name which only says that a snap is missing.
 */
export const chromium =
  ["chromium", "chromium-browser", "google-chrome"]
    .map((name) => Bun.which(name))
    .find((path) => path !== null && Bun.spawnSync([path, "--version"]).exitCode === 0) ?? null;

export interface Tab {
  goto(url: string): Promise<void>;
  /** Clicks what the selector finds first, and waits for the page that comes of it. */
  follow(selector: string): Promise<void>;
  /** Clicks where no page comes of it. */
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  /** Waits until an address begins like this, over as many pages as lead there by themselves. */
  arrive(start: string): Promise<void>;
  /** What the page's script says to the expression, as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  text(): Promise<string>;
  url(): Promise<string>;
  show(options: { width: number; height: number; isDark?: boolean }): Promise<void>;
  screenshot(path: string): Promise<void>;
  /** What the browser complained about, such as parts of a page that its policy forbids. */
  complaints: string[];
}

/** A real browser without a window, with a profile of its own. */
export async function openChromium(): Promise<{ tab: Tab } & AsyncDisposable> {
  if (chromium === null) throw new Error("there is no Chromium on this machine");
  const profile = await mkdtemp(join(tmpdir(), "farhand-chromium-"));
  const child = Bun.spawn(
    [
      chromium,
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      // Nothing here is to leave the machine: neither what the browser asks for by itself, nor what a page names.
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const address = await devtoolsAddress(child.stderr);
  const targets = await (await fetch(`http://${new URL(address).host}/json/list`)).json();
  const page = (targets as { type: string; webSocketDebuggerUrl: string }[]).find(
    ({ type }) => type === "page",
  );
  const session = await connect(page?.webSocketDebuggerUrl ?? "");
  return {
    tab: await tabOf(session),
    async [Symbol.asyncDispose]() {
      session.close();
      child.kill("SIGKILL");
      await child.exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function devtoolsAddress(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  let said = "";
  void (async () => {
    for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
      said = `${said}${chunk}`.slice(-20_000);
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address) found.resolve(address);
    }
    found.reject(new Error(`Chromium did not start: ${said}`));
  })();
  return found.promise;
}

type Session = Awaited<ReturnType<typeof connect>>;

/** The DevTools protocol: commands with answers, and events. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("Chromium's debugger does not answer"));
  });
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const listeners = new Set<(method: string, parameters: Record<string, unknown>) => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.id === undefined) for (const listener of listeners) listener(message.method, message.params);
    else if (message.error) waiting.get(message.id)?.reject(new Error(message.error.message));
    else waiting.get(message.id)?.resolve(message.result);
  };
  let last = 0;
  return {
    send(method: string, params: object = {}) {
      const id = ++last;
      const answer = Promise.withResolvers<Record<string, unknown>>();
      waiting.set(id, answer);
      socket.send(JSON.stringify({ id, method, params }));
      return answer.promise;
    },
    listen(listener: (method: string, parameters: Record<string, unknown>) => void) {
      listeners.add(listener);
    },
    once(method: string): Promise<void> {
      return new Promise((resolve) => {
        const listener = (came: string) => {
          if (came !== method) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    },
    close: () => socket.close(),
  };
}

const ARRIVE_LIMIT_MS = 30_000;

async function tabOf(session: Session): Promise<Tab> {
  const complaints: string[] = [];
  session.listen((method, parameters) => {
    if (method === "Log.entryAdded") complaints.push(JSON.stringify(parameters.entry));
  });
  for (const domain of ["Page", "Runtime", "Log"]) await session.send(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  };
  const found = (selector: string) => `document.querySelector(${JSON.stringify(selector)})`;

  return {
    complaints,
    evaluate,
    async goto(url) {
      const loaded = session.once("Page.loadEventFired");
      await session.send("Page.navigate", { url });
      await loaded;
    },
    async follow(selector) {
      const loaded = session.once("Page.loadEventFired");
      await evaluate(`${found(selector)}.click()`);
      await loaded;
    },
    click: (selector) => evaluate(`${found(selector)}.click()`),
    fill: (selector, text) => evaluate(`${found(selector)}.value = ${JSON.stringify(text)}`),
    async arrive(start) {
      const endsAtMs = performance.now() + ARRIVE_LIMIT_MS;
      for (;;) {
        // Between two pages there is nothing to ask.
        const at = await evaluate<string>('document.readyState === "complete" ? location.href : ""').catch(
          () => "",
        );
        if (at.startsWith(start)) return;
        if (performance.now() > endsAtMs) throw new Error(`the browser is at ${at}, not at ${start}`);
        await Bun.sleep(50);
      }
    },
    text: () => evaluate<string>("document.body.innerText"),
    url: () => evaluate<string>("location.href"),
    async show({ width, height, isDark = false }) {
      await session.send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 2,
        mobile: width < 600,
      });
      await session.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }],
      });
    },
    async screenshot(path) {
      const { data } = await session.send("Page.captureScreenshot", { format: "png" });
      await Bun.write(path, Buffer.from(String(data), "base64"));
    },
  };
}
