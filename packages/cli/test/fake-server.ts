import type { FollowItem } from "@farhand/client";
import {
  ClientFrame,
  CloseCode,
  type ErrorCode,
  type FileNode,
  type FileSearch,
  IDEMPOTENCY_HEADER,
  PROTOCOL_VERSION,
  type ServerFrame,
  type Task,
  type TaskDiff,
  type TaskEvent,
} from "@farhand/protocol";
import { CANNED_DIFF, cannedRun, TASK_ID } from "./canned-run.ts";

export const TOKEN = "owner-token";

export const TASK: Task = {
  id: TASK_ID,
  state: "idle",
  repository: "https://github.com/acme/cart.git",
  forge: "github",
  baseBranch: "main",
  branch: "farhand/mend-the-cart-total",
  model: "claude-sonnet-5-5",
  prompt: "Mend it.",
  title: "Count the last item in the cart's total",
  summary: "Done.",
  commit: "2".repeat(40),
  filesChanged: 2,
  pullRequestUrl: "https://github.com/acme/cart/pull/7",
  attempt: 1,
  turn: 1,
  forkedFrom: null,
  delayedBy: null,
  diskBytes: null,
  removed: false,
  lastSeq: 0,
  usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  costUsd: 0,
  unpricedTokens: 0,
  budget: { maxUsd: null, maxTokens: null },
  budgetReached: null,
  question: null,
  failure: null,
  createdAt: "2026-01-02T03:04:05.678Z",
  updatedAt: "2026-01-02T03:04:05.678Z",
};

const NO_LIMIT = { maxUsd: null, maxTokens: null };

const DIFF: TaskDiff = {
  from: "1".repeat(40),
  to: "2".repeat(40),
  files: [
    { path: "src/cart.js", status: "modified", oldPath: null, insertions: 1, deletions: 1 },
    { path: "test/cart.test.js", status: "added", oldPath: null, insertions: 1, deletions: 0 },
  ],
  filesTruncated: false,
  text: CANNED_DIFF,
  truncated: false,
  filesChanged: 2,
  insertions: 2,
  deletions: 1,
};

const commit = "2".repeat(40);
const FOLDER: FileNode = {
  kind: "folder",
  commit,
  path: "",
  entries: [
    { name: "src", path: "src", kind: "folder", isExecutable: false, sizeBytes: null },
    { name: "run\u001b[2J.sh", path: "run.sh", kind: "file", isExecutable: true, sizeBytes: 2048 },
  ],
  truncated: false,
};
export const FILE_BYTES = "let sum = 0;\u001b[2J\n";
const FILE: FileNode = {
  kind: "file",
  commit,
  path: "src/cart.js",
  isExecutable: false,
  sizeBytes: FILE_BYTES.length,
  isBinary: false,
  text: FILE_BYTES,
  truncated: false,
};

const line = { isCutBefore: false, isCutAfter: false };
const FOUND: FileSearch = {
  commit,
  files: [
    {
      path: "src/cart\u001b[2J.js",
      lines: [
        {
          ...line,
          line: 2,
          text: "\tlet sum = sum0;\u001b[2J",
          places: [
            { start: 5, end: 8 },
            { start: 11, end: 14 },
          ],
        },
        {
          ...line,
          line: 9,
          text: "xx sum yy",
          isCutBefore: true,
          isCutAfter: true,
          places: [{ start: 3, end: 6 }],
        },
      ],
      truncated: true,
    },
  ],
  truncated: true,
};

interface Asked {
  /** Method and path with its query. */
  route: string;
  body: unknown;
}

/** A coordinator with one task whose run is canned: what the command line needs to talk to. */
export class FakeServer implements Disposable {
  /** Bodies of `POST /api/tasks`. */
  readonly created: unknown[] = [];
  /** Files that were uploaded. */
  readonly attached: { id: string; name: string; text: string }[] = [];
  /** All that was asked to be changed. */
  readonly changes: Asked[] = [];
  /** All that was read, without the probe. */
  readonly reads: string[] = [];
  task: Task = TASK;
  /** Tasks beside it. */
  others: Task[] = [];
  items: FollowItem[] = cannedRun();
  /** What a change adds to the log. */
  addedByChange: FollowItem[] = [];
  sentStatus: "queued" | "started" = "started";
  readonly #server;

  constructor() {
    const fake = this;
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request, server) {
        const { pathname } = new URL(request.url);
        if (pathname === "/api/ws")
          return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
        if (request.headers.get("authorization") !== `Bearer ${TOKEN}`)
          return refuse(401, "unauthorized", "The token is not known here.", "Use the owner's token.");
        return request.method === "GET" ? fake.#read(new URL(request.url)) : fake.#change(request);
      },
      websocket: {
        message(socket, message) {
          const frame = ClientFrame.parse(JSON.parse(String(message)));
          const send = (answer: ServerFrame) => socket.send(JSON.stringify(answer));
          if (frame.type === "hello" && frame.token !== TOKEN) socket.close(CloseCode.unauthorized);
          else if (frame.type === "hello") send({ type: "welcome", protocol: PROTOCOL_VERSION });
          else if (frame.type === "subscribe") {
            send({ type: "subscribed", taskId: TASK_ID, status: "ok", lastSeq: fake.#lastSeq });
            let isAfter = frame.after === 0;
            for (const item of fake.items) {
              if (item.type === "event") isAfter = item.event.seq > frame.after;
              if (isAfter && item.type === "event") send(item);
              if (isAfter && item.type === "delta") send({ ...item, taskId: TASK_ID });
            }
          }
        },
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  get #events(): TaskEvent[] {
    return this.items.flatMap((item) => (item.type === "event" ? [item.event] : []));
  }

  get #lastSeq(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }

  get #task(): Task {
    return { ...this.task, lastSeq: this.#lastSeq };
  }

  #read(url: URL): Response {
    const { pathname, searchParams: query } = url;
    if (pathname !== "/api/settings") this.reads.push(`${pathname}${url.search}`);
    switch (pathname) {
      case "/api/settings":
        return Response.json({
          defaultModel: "claude-sonnet-5-5",
          budgets: { task: NO_LIMIT, day: NO_LIMIT, user: NO_LIMIT },
        });
      case "/api/tasks":
        return this.#list(query);
      case `/api/tasks/${TASK_ID}`:
        return Response.json(this.#task);
      case `/api/tasks/${TASK_ID}/events`:
        return this.#page(query);
      case `/api/tasks/${TASK_ID}/diff`:
        return Response.json(DIFF);
      case `/api/tasks/${TASK_ID}/files`:
        return Response.json(query.get("path") === "src/cart.js" ? FILE : FOLDER);
      case `/api/tasks/${TASK_ID}/files/search`:
        return Response.json(query.get("q") === "absent" ? { ...FOUND, files: [], truncated: false } : FOUND);
      case `/api/tasks/${TASK_ID}/files/raw`:
        return new Response(FILE_BYTES);
      default:
        return refuse(404, "not_found", "There is no such task.", "Look at the list of tasks.");
    }
  }

  /** The cursor is the number of tasks that were given already. */
  #list(query: URLSearchParams): Response {
    const state = query.get("state");
    const all = [this.#task, ...this.others].filter((task) => state === null || task.state === state);
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit") ?? 50);
    return Response.json({ tasks: all.slice(from, to), nextCursor: to < all.length ? String(to) : null });
  }

  #page(query: URLSearchParams): Response {
    const before = Number(query.get("before") ?? this.#lastSeq + 1);
    const events = this.#events.filter(({ seq }) => seq < before && seq > Number(query.get("after") ?? 0));
    // Small pages, whatever is asked for: there may always be one more.
    return Response.json({ status: "ok", events: events.slice(-4), lastSeq: this.#lastSeq });
  }

  async #keep(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const id = pathname.split("/").at(-1) ?? "";
    const name = searchParams.get("name") ?? "";
    const bytes = new Uint8Array(await request.arrayBuffer());
    this.attached.push({ id, name, text: new TextDecoder().decode(bytes) });
    const attachment = { id, name, mediaType: "text/plain", sizeBytes: bytes.length };
    return Response.json(attachment, { status: 201 });
  }

  async #change(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/api/attachments/")) return this.#keep(request);
    if (!request.headers.get(IDEMPOTENCY_HEADER))
      return refuse(400, "invalid_request", "No key.", "Send one.");
    const text = await request.text();
    const body: unknown = text === "" ? null : JSON.parse(text);
    if (`${request.method} ${pathname}` === "POST /api/tasks") {
      this.created.push(body);
      return Response.json(this.#task, { status: 201 });
    }
    const action = pathname.split(`/api/tasks/${TASK_ID}/`)[1];
    this.changes.push({ route: `${request.method} ${action}`, body });
    this.items = [...this.items, ...this.addedByChange];
    if (action === "messages") {
      const sent = { messageId: `m_${TASK_ID.slice(2)}`, status: this.sentStatus, turn: 2 };
      return Response.json(sent, { status: 202 });
    }
    const status = action === "fork" ? 201 : action === "rollback" ? 200 : 202;
    return Response.json(this.#task, { status });
  }
}

function refuse(status: number, code: ErrorCode, detail: string, action: string): Response {
  const problem = { type: `urn:farhand:error:${code}`, title: code, status, code, detail, action };
  return Response.json(problem, { status });
}
