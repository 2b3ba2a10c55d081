import { CLIENT_FRAME_MAX_BYTES, CloseCode, HEARTBEAT_MS } from "@farhand/protocol";
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import { type Origin, Session, type SessionOptions } from "./session.ts";

/** What Bun keeps with a socket. The session begins when the socket opens. */
export interface Connection {
  session: Session | null;
  origin: Origin;
}

export type HubOptions = Omit<SessionOptions, "heartbeatMs" | "validityCheckMs"> & {
  /** {@link HEARTBEAT_MS} unless given. */
  heartbeatMs?: number;
  /** {@link VALIDITY_CHECK_MS} unless given. */
  validityCheckMs?: number;
};

/** A sign-in that has ended keeps its connections for no longer than this. */
const VALIDITY_CHECK_MS = 30_000;

/** Unsent bytes at which a reader is too slow to be kept. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** Bun's own watch over a silent connection. Longer than ours, which tells the client why. */
const IDLE_TIMEOUT_SECONDS = 90;

export interface Hub {
  handler: WebSocketHandler<Connection>;
  newConnection(origin: Origin): Connection;
  /** False for a request that cannot become a WebSocket. */
  upgrade(server: Server<Connection>, request: Request, origin: Origin): boolean;
  /** Tells every client to reconnect elsewhere or later. */
  closeAll(): void;
}

/** The WebSocket side of the API: every connection of every client. */
export function createHub(options: HubOptions): Hub {
  const sockets = new Set<ServerWebSocket<Connection>>();
  const sessionOptions: SessionOptions = {
    ...options,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    validityCheckMs: options.validityCheckMs ?? VALIDITY_CHECK_MS,
  };
  return {
    newConnection: (origin) => ({ session: null, origin }),
    upgrade: (server, request, origin) => server.upgrade(request, { data: { session: null, origin } }),
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
        socket.data.session = new Session(socket, sessionOptions, socket.data.origin);
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
