import type { WebSocketHandler } from "bun";
import { failure } from "../domain/failure.ts";
import type { Peer } from "../domain/identity.ts";
import type { createApp } from "./app.ts";
import type { createDoor } from "./door.ts";

/** Whatever keeps the WebSocket connections. */
interface Sockets<Connection> {
  handler: WebSocketHandler<Connection>;
  /** False for a request that cannot become a WebSocket. */
  upgrade(
    server: Bun.Server<Connection>,
    request: Request,
    origin: { peer: Peer; headers: Headers },
  ): boolean;
}

/**
 * Serves the API, and the WebSockets at `/api/ws`, behind one door.
 *
 * @throws FarhandError `conflict` where the port cannot be had
 */
export function serve<Connection>(
  { host, port }: { host: string; port: number },
  door: ReturnType<typeof createDoor>,
  app: ReturnType<typeof createApp>,
  sockets: Sockets<Connection>,
): Bun.Server<Connection> {
  try {
    return Bun.serve<Connection>({
      hostname: host,
      port,
      idleTimeout: 120,
      fetch(request, server) {
        const caller = door.callerOf(server.requestIP(request)?.address ?? null, request.headers);
        const turnedAway = door.refuseDirect(caller);
        if (turnedAway) return turnedAway;
        if (new URL(request.url).pathname !== "/api/ws") return app.fetch(request, caller);
        const refusal = door.refuseSocket(caller, request.headers);
        if (refusal) return refusal;
        const origin = { peer: caller.peer, headers: request.headers };
        if (sockets.upgrade(server, request, origin)) return undefined;
        return new Response("This address speaks WebSocket only.\n", { status: 426 });
      },
      websocket: sockets.handler,
    });
  } catch (error) {
    throw failure(
      "conflict",
      `Port ${port} on ${host} cannot be listened on: ${error instanceof Error ? error.message : error}`,
      "Stop the program that has it, or choose another with FARHAND_PORT.",
      { cause: error },
    );
  }
}
