import {
  ClientFrame,
  CloseCode,
  PROTOCOL_VERSION,
  type Problem,
  type ServerFrame,
  type Task,
  type TaskEvent,
} from "@farhand/protocol";
import type { ServerWebSocket } from "bun";

export const TASK_ID = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";
export const TOKEN = "owner-token";

/** What happens to one connection, in the order of the frames that follow its `subscribe`. */
export type Trouble =
  | { type: "none" }
  /** Closes after so many event frames; 1006 kills the connection without a close frame. */
  | { type: "cut"; afterFrames: number; code: 1001 | 1006 | 4408 }
  /** Leaves one event out, once. Never the last one: nothing after it could tell of the hole. */
  | { type: "hole"; atSeq: number }
  /** Sends everything from the start, whatever `after` said. */
  | { type: "repeat" }
  /** Answers nothing any more, with the connection open. */
  | { type: "silence"; afterFrames: number }
  /** Answers no ping, but sends heartbeats of its own, this often, and the log's last event after so many. */
  | { type: "heartbeats"; everyMs: number; lastEventAfter: number };

export interface Seen {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

/** A coordinator's API surface over a fixed log, with a trouble for each connection in turn. */
export class FakeCoordinator implements Disposable {
  readonly requests: Seen[] = [];
  readonly subscriptions: number[] = [];
  /** Answers to plain HTTP requests: only the list of tasks, unless a test says otherwise. */
  respond: (request: Seen) => Response | Promise<Response> = (request) => this.list(request);
  /** The most tasks that it gives at once. */
  pageSize = 100;
  protocol = PROTOCOL_VERSION;
  /** Subscriptions beyond this seq are a gap. */
  logReachesTo = Number.POSITIVE_INFINITY;
  /** Sent in place of `subscribed`. */
  refuseWith: Problem | null = null;
  pings = 0;
  connections = 0;
  /** Oldest first. */
  readonly tasks = new Map<string, Task>();
  readonly #listeners = new Set<ServerWebSocket<unknown>>();
  readonly #log: TaskEvent[];
  readonly #troubles: Trouble[];
  readonly #server;

  constructor(log: TaskEvent[] = [], troubles: Trouble[] = []) {
    this.#log = log;
    this.#troubles = [...troubles];
    const fake = this;
    this.#server = Bun.serve<{ trouble: Trouble }>({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request, server) {
        const url = new URL(request.url);
        if (url.pathname === "/api/ws") {
          fake.connections += 1;
          const trouble = fake.#troubles.shift() ?? { type: "none" };
          return server.upgrade(request, { data: { trouble } })
            ? undefined
            : new Response("no", { status: 400 });
        }
        const text = await request.text();
        const seen = {
          method: request.method,
          path: `${url.pathname}${url.search}`,
          headers: request.headers,
          body: text === "" ? undefined : JSON.parse(text),
        };
        fake.requests.push(seen);
        return fake.respond(seen);
      },
      websocket: {
        message: (socket, message) => fake.#frame(socket, ClientFrame.parse(JSON.parse(String(message)))),
        close: (socket) => void fake.#listeners.delete(socket),
      },
    });
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A new state of a task, told to those who follow the list. */
  change(task: Task): void {
    this.tasks.set(task.id, task);
    this.tell({ type: "task", task });
  }

  /** Sends a frame to those who follow the list. */
  tell(frame: ServerFrame): void {
    for (const socket of this.#listeners) socket.send(JSON.stringify(frame));
  }

  /** Kills the connections of those who follow the list. */
  dropListeners(): void {
    for (const socket of [...this.#listeners]) socket.terminate();
  }

  /** A page of the list of tasks, newest first. The cursor is the last task's id. */
  list({ path }: Seen): Response {
    const url = new URL(path, this.url);
    if (url.pathname !== "/api/tasks") return new Response(null, { status: 404 });
    const cursor = url.searchParams.get("cursor");
    const all = [...this.tasks.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const rest = cursor === null ? all : all.filter(({ id }) => id < cursor);
    const tasks = rest.slice(0, this.pageSize);
    return Response.json({ tasks, nextCursor: rest.length > tasks.length ? tasks.at(-1)?.id : null });
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  #frame(socket: ServerWebSocket<{ trouble: Trouble }>, frame: ClientFrame): void {
    const send = (answer: ServerFrame) => socket.send(JSON.stringify(answer));
    switch (frame.type) {
      case "hello":
        if (frame.token === TOKEN) send({ type: "welcome", protocol: this.protocol });
        else socket.close(CloseCode.unauthorized);
        break;
      case "subscribe":
        this.subscriptions.push(frame.after);
        if (this.refuseWith) send({ type: "error", problem: this.refuseWith });
        else this.#replay(socket, frame.after);
        break;
      case "ping":
        this.pings += 1;
        if (!["silence", "heartbeats"].includes(socket.data.trouble.type)) send({ type: "pong" });
        break;
      case "subscribe_tasks":
        this.#listeners.add(socket);
        send({ type: "subscribed_tasks" });
        break;
      case "unsubscribe_tasks":
        this.#listeners.delete(socket);
        break;
      case "unsubscribe":
        break;
    }
  }

  #replay(socket: ServerWebSocket<{ trouble: Trouble }>, after: number): void {
    const send = (answer: ServerFrame) => socket.send(JSON.stringify(answer));
    const { trouble } = socket.data;
    const lastSeq = this.#log.length;
    if (after > Math.min(lastSeq, this.logReachesTo)) {
      send({ type: "subscribed", taskId: TASK_ID, status: "gap", lastSeq });
      return;
    }
    send({ type: "subscribed", taskId: TASK_ID, status: "ok", lastSeq });
    if (trouble.type === "heartbeats") {
      this.#beat(socket, after, trouble);
      return;
    }
    let frames = 0;
    for (const event of this.#log.slice(trouble.type === "repeat" ? 0 : after)) {
      if (trouble.type === "silence" && frames >= trouble.afterFrames) return;
      if (trouble.type === "cut" && frames >= trouble.afterFrames) {
        if (trouble.code === 1006) socket.terminate();
        else socket.close(trouble.code);
        return;
      }
      frames += 1;
      if (trouble.type === "hole" && trouble.atSeq === event.seq && event.seq < lastSeq) {
        socket.data.trouble = { type: "none" };
        continue;
      }
      send({
        type: "delta",
        taskId: TASK_ID,
        delta: { messageId: "m", index: 0, kind: "text", text: `${event.seq}` },
      });
      send({ type: "event", event });
    }
  }

  #beat(
    socket: ServerWebSocket<unknown>,
    after: number,
    { everyMs, lastEventAfter }: { everyMs: number; lastEventAfter: number },
  ): void {
    const send = (answer: ServerFrame) => socket.send(JSON.stringify(answer));
    for (const event of this.#log.slice(after, -1)) send({ type: "event", event });
    let beats = 0;
    const timer = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) return clearInterval(timer);
      send({ type: "heartbeat" });
      beats += 1;
      const last = this.#log.at(-1);
      if (beats === lastEventAfter && last) send({ type: "event", event: last });
    }, everyMs);
  }
}

/** A task as it is after so many events. */
export function makeTask(number: number, lastSeq: number): Task {
  return {
    id: `t_${String(number).padStart(26, "0")}`,
    state: "queued",
    repository: "https://example.com/a/b.git",
    forge: "plain",
    baseBranch: null,
    branch: "farhand/mend-the-test",
    model: "claude-sonnet-5-5",
    prompt: "Mend the test.",
    title: null,
    summary: null,
    commit: null,
    filesChanged: null,
    pullRequestUrl: null,
    attempt: 0,
    turn: 1,
    forkedFrom: null,
    delayedBy: null,
    diskBytes: null,
    removed: false,
    lastSeq,
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
}

export function makeLog(length: number): TaskEvent[] {
  return Array.from({ length }, (_, index) => ({
    taskId: TASK_ID,
    seq: index + 1,
    attempt: 1,
    at: "2026-01-02T03:04:05.678Z",
    body: { type: "notice", level: "info", code: "step", message: `step ${index + 1}` },
  }));
}
