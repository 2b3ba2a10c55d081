import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { EGRESS_SOCKET_NAME } from "@farhand/protocol";

/** Connections at once. The gateway lets fewer through; this bounds what waits for its answer. */
const MAX_OPEN = 128;

const AWAY =
  "HTTP/1.1 502 The way out of this sandbox does not answer just now; try again in a few seconds\r\n" +
  "content-length: 0\r\nconnection: close\r\n\r\n";

export interface EgressProxyOptions {
  /** Path of the gateway's socket; the way out lies beside it. */
  socket: string;
  token: string;
  /** Any free one where it is left out. */
  port?: number;
}

/**
 * The HTTP proxy on loopback that the sandbox's programs are pointed at. It adds the attempt's token and passes bytes on
 * as they are: what may be reached is for the gateway to say, which also answers.
 */
export class EgressProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** `http://127.0.0.1:<port>` */
  readonly url: string;

  private constructor(server: Server, open: Set<Socket>) {
    this.#server = server;
    this.#open = open;
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  static async listen({ socket, token, port = 0 }: EgressProxyOptions): Promise<EgressProxy> {
    const path = join(dirname(socket), EGRESS_SOCKET_NAME);
    const open = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (client) => {
      if (open.size >= MAX_OPEN) {
        client.destroy();
        return;
      }
      open.add(client);
      client.once("close", () => open.delete(client));
      passOn(client, path, token);
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
    await promise;
    server.off("error", reject);
    server.on("error", () => undefined);
    return new EgressProxy(server, open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#open) client.destroy();
    await closed;
  }
}

function passOn(client: Socket, path: string, token: string): void {
  const gateway = connect({ path, allowHalfOpen: true });
  let isConnected = false;
  gateway.once("connect", () => {
    isConnected = true;
    gateway.write(`Bearer ${token}\r\n`);
    client.pipe(gateway);
    gateway.pipe(client);
  });
  client.on("error", () => gateway.destroy());
  gateway.on("error", () => {
    if (isConnected) client.destroy();
    else client.end(AWAY);
  });
  client.once("close", () => gateway.destroy());
  gateway.once("close", () => {
    if (isConnected) client.end();
  });
}
