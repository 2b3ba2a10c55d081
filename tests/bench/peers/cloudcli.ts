import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { newDevice, WIDE } from "../../screens/browser.ts";
import { type Order, orderText } from "../app/orders.ts";
import { drawn } from "../app/page.ts";
import { next, sessions, type Work } from "./history.ts";
import { startServer } from "./server.ts";
import type { Stream, Subject } from "./subject.ts";

const SAID = ".chat-message.assistant";

/** CloudCLI with transcripts in a home of its own, and an agent that stands in for Claude Code. */
export async function openCloudCli(
  browser: Browser,
  { peers, folder, ...work }: { peers: string; folder: string } & Work,
): Promise<Subject> {
  const home = join(folder, "cloudcli");
  const project = join(home, "shop");
  const transcripts = join(home, ".claude/projects/-shop");
  await mkdir(project, { recursive: true });
  const made = sessions(project, work);
  for (const { id, title, lines } of made.all) {
    const titled = [...lines, { type: "ai-title", sessionId: id, aiTitle: title }];
    await Bun.write(
      join(transcripts, `${id}.jsonl`),
      titled.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
  }
  const claude = join(home, "claude");
  await Bun.write(
    claude,
    `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dir, "claude-stand-in.ts")}" "$@"\n`,
  );
  await chmod(claude, 0o755);
  const server = await startServer(["node", "dist-server/server/modules/cli/cli.js", "start"], {
    cwd: join(peers, "node_modules/@cloudcli-ai/cloudcli"),
    log: join(folder, "cloudcli.log"),
    portArguments: (port) => ["--port", port, "--database-path", join(home, "auth.db")],
    env: () => ({ HOME: home, CLAUDE_CLI_PATH: claude, FARHAND_BENCH_TRANSCRIPTS: transcripts }),
  });
  const { origin } = server;
  const token = await register(origin);

  const choose = (page: Page, title: string) => page.locator("a", { hasText: title }).first().click();
  return {
    name: "CloudCLI 1.37.3",
    device: () =>
      newDevice(browser, {
        size: WIDE,
        storageState: {
          cookies: [],
          origins: [{ origin, localStorage: [{ name: "auth-token", value: token }] }],
        },
      }),
    listUrl: `${origin}/`,
    row: 'a[href^="/session/"]',
    said: SAID,
    openLong: (page) => choose(page, made.long.title),
    longEnd: made.long.end,
    countMessages,

    async openStream(page): Promise<Stream> {
      const session = next(made.waiting);
      await page.goto(`${origin}/`);
      await choose(page, session.title);
      await drawn(page, SAID, session.end);
      return {
        async give(order: Order) {
          await page.locator("textarea").fill(orderText(order));
          await page.keyboard.press("Enter");
        },
        async [Symbol.asyncDispose]() {},
      };
    },

    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Makes the one account and leaves out the questions that it is asked at first. @returns what signs it in */
async function register(origin: string): Promise<string> {
  const post = async (path: string, headers: Record<string, string>, body: object) => {
    const response = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    return (await response.json()) as { token: string };
  };
  const account = { username: "bench", password: "of-no-use-0123456789" };
  const { token } = await post("/api/auth/register", {}, account);
  await post("/api/user/complete-onboarding", { authorization: `Bearer ${token}` }, {});
  return token;
}

function countMessages(page: Page): () => number {
  let count = 0;
  page.on("response", (response) => {
    if (!/\/api\/providers\/sessions\/[^/]+\/messages\?/.test(response.url())) return;
    void response.json().then(
      ({ data }: { data: { messages: unknown[] } }) => {
        count += data.messages.length;
      },
      () => undefined,
    );
  });
  return () => count;
}
