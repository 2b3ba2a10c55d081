import { Database } from "bun:sqlite";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { newDevice, WIDE } from "../../screens/browser.ts";
import { doneText, type Order } from "../app/orders.ts";
import { pace, updates } from "../app/pace.ts";
import { drawn } from "../app/page.ts";
import { answer } from "../app/work.ts";
import { openHapiSocket } from "./hapi-socket.ts";
import { next, type Session, sessions, type Work } from "./history.ts";
import { startServer } from "./server.ts";
import type { Stream, Subject } from "./subject.ts";
import { type TranscriptLine, transcriptOf } from "./transcript.ts";

const TOKEN = "benchmark-token-of-no-use-0123456789";
const ALIVE_MS = 2_000;
const PROJECT = "/srv/shop";
const SAID = '[data-hapi-message-role="assistant"]';
const FOLDER_ROW = `[title="${PROJECT}"]`;

/** HAPI's hub with sessions in its database, and an agent that is an open socket. */
export async function openHapi(
  browser: Browser,
  { peers, folder, ...work }: { peers: string; folder: string } & Work,
): Promise<Subject> {
  const home = join(folder, "hapi");
  await mkdir(home);
  // The wrapper that npm puts into `.bin` would leave its child behind.
  const program = join(peers, "node_modules/@twsxtd/hapi-linux-x64/bin/hapi");
  const start = (port?: number) =>
    startServer([program, "hub", "--no-relay"], {
      log: join(folder, "hapi.log"),
      ...(port ? { port } : {}),
      env: (origin) => ({
        HOME: home,
        HAPI_HOME: home,
        HAPI_LISTEN_PORT: new URL(origin).port,
        HAPI_PUBLIC_URL: origin,
        CLI_API_TOKEN: TOKEN,
      }),
    });
  const made = sessions(PROJECT, work);
  const first = await start();
  const { origin } = first;
  const ids = new Map<Session, string>();
  for (const session of made.all) ids.set(session, await createSession(origin, session.title));
  await first[Symbol.asyncDispose]();
  fill(
    join(home, "hapi.db"),
    made.all.map((session) => ({ id: ids.get(session) ?? "", lines: session.lines })),
  );
  const hub = await start(Number(new URL(origin).port));

  return {
    name: "HAPI 0.30.7",
    device: () =>
      newDevice(browser, {
        size: WIDE,
        storageState: {
          cookies: [],
          origins: [{ origin, localStorage: [{ name: `hapi_access_token::${origin}`, value: TOKEN }] }],
        },
      }),
    listUrl: `${origin}/`,
    // Its list shows folders, with their sessions out of sight until one is clicked.
    row: FOLDER_ROW,
    said: SAID,
    unfold: (page) => page.locator(FOLDER_ROW).click(),
    openLong: (page) => page.locator(".session-list-item", { hasText: made.long.title }).click(),
    longEnd: made.long.end,
    countMessages,

    async openStream(page): Promise<Stream> {
      const session = next(made.waiting);
      const waiting = ids.get(session) ?? "";
      const socket = await openHapiSocket(origin, TOKEN, waiting);
      const alive = () =>
        socket.emit("session-alive", { sid: waiting, time: Date.now(), thinking: true, mode: "remote" });
      alive();
      const timer = setInterval(alive, ALIVE_MS);
      const transcript = transcriptOf(waiting, PROJECT);
      let steps = 0;
      const send = (line: TranscriptLine | null) => {
        if (line) socket.emit("message", { sid: waiting, message: messageOf(line) });
      };
      await page.goto(`${origin}/sessions/${waiting}`);
      await drawn(page, SAID, session.end);
      return {
        async give(order: Order) {
          await pace(
            updates(() => ++steps),
            { count: order.updates ?? 0, perSecond: order.perSecond ?? 60 },
            // A hub has no pieces of answers, only whole ones.
            (_, events) => {
              for (const event of events) send(transcript.of(event));
            },
          );
          send(transcript.of(answer(`done_${order.id}`, doneText(order.id))));
        },
        async [Symbol.asyncDispose]() {
          clearInterval(timer);
          socket[Symbol.dispose]();
        },
      };
    },

    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  };
}

async function createSession(origin: string, name: string): Promise<string> {
  const response = await fetch(`${origin}/cli/sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      tag: name,
      metadata: { path: PROJECT, host: "bench", flavor: "claude", name, machineId: "bench" },
      agentState: null,
    }),
  });
  if (!response.ok) throw new Error(`the hub refused a session: ${await response.text()}`);
  return ((await response.json()) as { session: { id: string } }).session.id;
}

/** What HAPI's own agent makes of a transcript's line. */
const messageOf = (line: TranscriptLine) =>
  line.type === "user" && typeof line.message.content === "string"
    ? { role: "user", content: { type: "text", text: line.message.content }, meta: { sentFrom: "cli" } }
    : { role: "agent", content: { type: "output", data: line }, meta: { sentFrom: "cli" } };

/** Writes the sessions' messages while the hub is off: through its socket 10,000 would take long. */
function fill(path: string, filled: { id: string; lines: TranscriptLine[] }[]): void {
  using database = new Database(path);
  const insert = database.prepare(
    `INSERT INTO messages (id, session_id, content, created_at, seq, invoked_at, delivery_state)
     VALUES (?, ?, ?, ?, ?, ?, 'delivered')`,
  );
  database.transaction(() => {
    for (const { id, lines } of filled)
      for (const [index, line] of lines.entries()) {
        const atMs = Date.now() - (lines.length - index) * 1_000;
        insert.run(crypto.randomUUID(), id, JSON.stringify(messageOf(line)), atMs, index + 1, atMs);
      }
  })();
}

function countMessages(page: Page): () => number {
  let count = 0;
  page.on("response", (response) => {
    if (!/\/api\/sessions\/[^/]+\/messages\?/.test(response.url())) return;
    void response.json().then(
      ({ messages }: { messages: unknown[] }) => {
        count += messages.length;
      },
      () => undefined,
    );
  });
  return () => count;
}
