import { createServer, type Socket } from "node:net";
import type { SocketServer } from "../task-socket.ts";

/**
 * Listens at a unix socket's path; `handle` owns each connection.
 *
 * @param maxOpen connections at once, those that have not shown their token yet included; a further one is closed
 */
export async function serveSocket(
  path: string,
  handle: (socket: Socket) => Promise<void>,
  maxOpen: number,
): Promise<SocketServer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    if (open.size >= maxOpen) return void socket.destroy();
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    void handle(socket).finally(() => socket.destroy());
    return undefined;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(path, resolve);
  await promise;
  server.off("error", reject);
  // Whoever wants an error of the listening socket later: the look at the file makes a new one.
  server.on("error", () => undefined);
  return {
    async stop(closeActive) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      if (closeActive) for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
