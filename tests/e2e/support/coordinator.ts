import { join } from "node:path";
import { type Client, createClient } from "@farhand/client";
import type { Subprocess } from "bun";

const main = join(import.meta.dir, "../../../packages/coordinator/src/main.ts");

/** The first line that a coordinator prints: that it listens, or why it does not. */
export type Announcement =
  | {
      event: "listening";
      url: string;
      tokenFile: string;
      setupUrl: string | null;
      sandbox: string;
      isolated: boolean;
    }
  | { event: "failed"; code: string; message: string; action: string };

export interface Coordinator {
  process: Subprocess;
  announcement: Announcement;
  /** Everything that it has logged so far. */
  logged(): string;
  /** Ends it as a service manager would, and waits. */
  stop(): Promise<number>;
  /** Ends it as a power cut would, and waits. */
  kill(): Promise<void>;
}

/** Starts a real coordinator process with nothing but the given settings in its environment. */
export async function startCoordinator(settings: Record<string, string>): Promise<Coordinator> {
  const { PATH, HOME } = process.env;
  const child = Bun.spawn([process.execPath, main], {
    env: { PATH, HOME, FARHAND_PORT: "0", ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  void (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) log += chunk;
  })();
  const announcement = await firstLine(child.stdout, () => log);
  return {
    process: child,
    announcement,
    logged: () => log,
    async stop() {
      child.kill("SIGTERM");
      return child.exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

export async function clientOf(coordinator: Coordinator): Promise<Client> {
  const { announcement } = coordinator;
  if (announcement.event !== "listening") throw new Error(`not started: ${announcement.message}`);
  const token = (await Bun.file(announcement.tokenFile).text()).trim();
  return createClient({ baseUrl: announcement.url, token });
}

async function firstLine(stream: ReadableStream<Uint8Array>, log: () => string): Promise<Announcement> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the coordinator said nothing; its log: ${log()}`);
    text += value;
  }
  // Read on, or a full pipe would stop the process one day.
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return JSON.parse(text.slice(0, text.indexOf("\n")));
}
