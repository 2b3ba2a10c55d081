import { CLIENT_FRAME_MAX_BYTES, CloseCode, HEARTBEAT_MS } from "@farhand/protocol";
import type { ServerWebSocket, WebSocketHandler } from "bun";
import { Session, type SessionOptions } from "./session.ts";

/** What Bun keeps with a socket. The session begins when the socket opens. */
export interface Connection {
  session: Session | null;
}

export type HubOptions = Omit<SessionOptions, "heartbeatMs"> & {
  /** {@link HEARTBEAT_MS} unless given. */
  heartbeatMs?: number;
};

/** Unsent bytes at which a reader is too slow to be kept. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** Bun's own watch over a silent connection. Longer than ours, which tells the client why. */
const IDLE_TIMEOUT_SECONDS = 90;

export interface Hub {
  handler: WebSocketHandler<Connection>;
  newConnection(): Connection;
  /** Tells every client to reconnect elsewhere or later. */
  closeAll(): void;
}

/** The WebSocket side of the API: every connection of every client. */
export function createHub(options: HubOptions): Hub {
  const sockets = new Set<ServerWebSocket<Connection>>();
  const sessionOptions: SessionOptions = { ...options, heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS };
  return {
    newConnection: () => ({ session: null }),
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
        socket.data.session = new Session(socket, sessionOptions);
      },
      message(socket, raw) {
        socket.data.session?.receive(raw);
      },
      drain(socket) {
        socket.data.session?.drained();
      },
      close(socket) {
        sockets.delete(socket);
        socket.data.session?.end();
      },
    },
  };
}
