import {
  CLIENT_FRAME_MAX_BYTES,
  ClientFrame,
  CloseCode,
  type Delta,
  PROTOCOL_VERSION,
  problemType,
  type ServerFrame,
} from "@farhand/protocol";
import type { ServerWebSocket, WebSocketHandler } from "bun";
import type { EventLog, TaskStore, UserStore } from "../domain/store.ts";
import type { Topic } from "../domain/topic.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/** What one connection knows of itself. */
export interface Connection {
  userId: string | null;
  subscriptions: Map<string, Subscription>;
  helloTimer: ReturnType<typeof setTimeout> | null;
  /** Frames are handled one after the other, in the order in which they came. */
  tail: Promise<void>;
}

export interface HubOptions {
  users: UserStore;
  tasks: TaskStore;
  log: EventLog;
  deltas: Topic<Delta>;
  onError: (error: unknown) => void;
}

/** How long a new connection may take to say who it is. */
const HELLO_TIMEOUT_MS = 10_000;
/** Unsent bytes at which a reader is too slow to be kept. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** A connection that is silent for this long is dead; clients ping more often. */
const IDLE_TIMEOUT_SECONDS = 90;

export interface Hub {
  handler: WebSocketHandler<Connection>;
  newConnection(): Connection;
  /** Tells every client to reconnect elsewhere or later. */
  closeAll(): void;
}

export function createHub(options: HubOptions): Hub {
  const sockets = new Set<ServerWebSocket<Connection>>();

  async function handle(socket: ServerWebSocket<Connection>, raw: string | Buffer): Promise<void> {
    if (socket.readyState !== WebSocket.OPEN) return;
    const frame = parse(raw);
    if (!frame) return socket.close(CloseCode.badFrame, "the frame is not one of this protocol's");
    const { data } = socket;
    if (frame.type === "hello") {
      if (frame.protocol !== PROTOCOL_VERSION)
        return socket.close(CloseCode.unsupportedProtocol, `this server speaks protocol ${PROTOCOL_VERSION}`);
      const user = await options.users.byToken(frame.token);
      if (!user) return socket.close(CloseCode.unauthorized, "the token is not known here");
      if (data.helloTimer) clearTimeout(data.helloTimer);
      data.userId = user.id;
      return send(socket, { type: "welcome", protocol: PROTOCOL_VERSION });
    }
    if (!data.userId) return socket.close(CloseCode.unauthorized, "say hello first");
    switch (frame.type) {
      case "ping":
        return send(socket, { type: "pong" });
      case "unsubscribe":
        data.subscriptions.get(frame.taskId)?.end();
        data.subscriptions.delete(frame.taskId);
        return;
      case "subscribe":
        return subscribe(socket, data.userId, frame.taskId, frame.after);
    }
  }

  async function subscribe(
    socket: ServerWebSocket<Connection>,
    userId: string,
    taskId: string,
    after: number,
  ): Promise<void> {
    const task = await options.tasks.get(taskId);
    // It may have closed meanwhile: nobody would ever end a subscription that begins now.
    if (socket.readyState !== WebSocket.OPEN) return;
    if (task?.userId !== userId)
      return send(socket, {
        type: "error",
        problem: {
          type: problemType("not_found"),
          title: "There is nothing here",
          status: 404,
          code: "not_found",
          detail: `There is no task ${taskId}.`,
          action: "Check the id; GET /api/tasks lists yours.",
        },
      });
    socket.data.subscriptions.get(taskId)?.end();
    const status = after <= task.lastSeq ? "ok" : "gap";
    send(socket, { type: "subscribed", taskId, status, lastSeq: task.lastSeq });
    if (status === "gap") return;
    const subscription = createSubscription({
      taskId,
      after,
      log: options.log,
      deltas: options.deltas,
      send: (frame) => send(socket, frame),
      backlogBytes: () => socket.getBufferedAmount(),
      onSlow: () => socket.close(CloseCode.slowReader, "you read too slowly; resume with your last seq"),
      onError: options.onError,
    });
    socket.data.subscriptions.set(taskId, subscription);
  }

  function send(socket: ServerWebSocket<Connection>, frame: ServerFrame): void {
    socket.send(JSON.stringify(frame));
  }

  return {
    newConnection: () => ({
      userId: null,
      subscriptions: new Map(),
      helloTimer: null,
      tail: Promise.resolve(),
    }),
    closeAll() {
      for (const socket of sockets) socket.close(CloseCode.goingAway, "the server stops");
    },
    handler: {
      maxPayloadLength: CLIENT_FRAME_MAX_BYTES,
      backpressureLimit: BACKLOG_MAX_BYTES,
      closeOnBackpressureLimit: true,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      open(socket) {
        sockets.add(socket);
        socket.data.helloTimer = setTimeout(
          () => socket.close(CloseCode.unauthorized, "no hello came"),
          HELLO_TIMEOUT_MS,
        );
      },
      message(socket, raw) {
        socket.data.tail = socket.data.tail.then(() => handle(socket, raw)).catch(options.onError);
      },
      drain(socket) {
        for (const subscription of socket.data.subscriptions.values()) subscription.drained();
      },
      close(socket) {
        sockets.delete(socket);
        if (socket.data.helloTimer) clearTimeout(socket.data.helloTimer);
        for (const subscription of socket.data.subscriptions.values()) subscription.end();
        socket.data.subscriptions.clear();
      },
    },
  };
}

function parse(raw: string | Buffer): ClientFrame | null {
  if (typeof raw !== "string") return null;
  try {
    return ClientFrame.parse(JSON.parse(raw));
  } catch {
    // Not JSON, or not a frame: for the caller it is the same.
    return null;
  }
}
