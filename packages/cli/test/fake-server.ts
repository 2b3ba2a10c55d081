import type { FollowItem } from "@farhand/client";
import { ClientFrame, CloseCode, PROTOCOL_VERSION, type ServerFrame, type Task } from "@farhand/protocol";
import { CANNED_DIFF, cannedRun, TASK_ID } from "./canned-run.ts";

export const TOKEN = "owner-token";

const TASK: Task = {
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
  lastSeq: 30,
  usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  failure: null,
  createdAt: "2026-01-02T03:04:05.678Z",
  updatedAt: "2026-01-02T03:04:05.678Z",
};

/** A coordinator with one task whose run is canned: what the command line needs to talk to. */
export class FakeServer implements Disposable {
  /** Bodies of `POST /api/tasks`. */
  readonly created: unknown[] = [];
  cancelled = 0;
  task: Task = TASK;
  items: FollowItem[] = cannedRun();
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
        if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) return fake.#refuse();
        return fake.#answer(`${request.method} ${pathname}`, request);
      },
      websocket: {
        message(socket, message) {
          const frame = ClientFrame.parse(JSON.parse(String(message)));
          const send = (answer: ServerFrame) => socket.send(JSON.stringify(answer));
          if (frame.type === "hello" && frame.token !== TOKEN) socket.close(CloseCode.unauthorized);
          else if (frame.type === "hello") send({ type: "welcome", protocol: PROTOCOL_VERSION });
          else if (frame.type === "subscribe") {
            send({ type: "subscribed", taskId: TASK_ID, status: "ok", lastSeq: 30 });
            for (const item of fake.items) {
              if (item.type === "event") send(item);
              if (item.type === "delta") send({ ...item, taskId: TASK_ID });
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

  async #answer(route: string, request: Request): Promise<Response> {
    switch (route) {
      case "GET /api/settings":
        return Response.json({ defaultModel: "claude-sonnet-5-5" });
      case "POST /api/tasks":
        this.created.push(await request.json());
        return Response.json(this.task, { status: 201 });
      case `GET /api/tasks/${TASK_ID}`:
        return Response.json(this.task);
      case `POST /api/tasks/${TASK_ID}/cancel`:
        this.cancelled += 1;
        return Response.json(this.task, { status: 202 });
      case `GET /api/tasks/${TASK_ID}/diff`:
        return Response.json({
          from: "1".repeat(40),
          to: "2".repeat(40),
          text: CANNED_DIFF,
          truncated: false,
          filesChanged: 2,
          insertions: 2,
          deletions: 1,
        });
      default:
        return new Response(null, { status: 404 });
    }
  }

  #refuse(): Response {
    const problem = {
      type: "urn:farhand:error:unauthorized",
      title: "Unauthorized",
      status: 401,
      code: "unauthorized",
      detail: "The token is not known here.",
      action: "Use the owner's token.",
    };
    return Response.json(problem, { status: 401 });
  }
}
