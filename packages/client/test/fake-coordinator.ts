import {
  ClientFrame,
  CloseCode,
  PROTOCOL_VERSION,
  type Problem,
  type ServerFrame,
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
  | { type: "silence"; afterFrames: number };

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
  /** Answers to plain HTTP requests. */
  respond: (request: Seen) => Response = () => new Response(null, { status: 404 });
  protocol = PROTOCOL_VERSION;
  /** Subscriptions beyond this seq are a gap. */
  logReachesTo = Number.POSITIVE_INFINITY;
  /** Sent in place of `subscribed`. */
  refuseWith: Problem | null = null;
  pings = 0;
  connections = 0;
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
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
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
        if (socket.data.trouble.type !== "silence") send({ type: "pong" });
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
