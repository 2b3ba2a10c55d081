import { connect, createServer, type Server, type Socket } from "node:net";

/** Bytes that a connection may carry to the server and back before it is killed. */
export interface Cut {
  upBytes: number;
  downBytes: number;
}

/** A TCP proxy on loopback. Each connection in turn gets its cut; those after the last pass everything. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(targetPort: number, cuts: readonly Cut[]) {
    const left = [...cuts];
    this.#server = createServer((client) => {
      const cut = left.shift() ?? { upBytes: Number.POSITIVE_INFINITY, downBytes: Number.POSITIVE_INFINITY };
      const server = connect(targetPort, "127.0.0.1");
      const kill = () => {
        client.destroy();
        server.destroy();
      };
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        // A killed connection's error is what this is for.
        socket.on("error", kill);
        socket.on("close", () => {
          this.#sockets.delete(socket);
          kill();
        });
      }
      pass(client, server, cut.upBytes, kill);
      pass(server, client, cut.downBytes, kill);
    });
  }

  static async start(targetPort: number, cuts: readonly Cut[]): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort, cuts);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    const address = proxy.#server.address();
    proxy.#port = typeof address === "object" && address ? address.port : 0;
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.#sockets]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Carries so many bytes, the last part of a chunk too, and then kills the connection. */
function pass(from: Socket, to: Socket, mostBytes: number, kill: () => void): void {
  let leftBytes = mostBytes;
  from.on("data", (chunk: Buffer) => {
    if (leftBytes < 0) return;
    const part = chunk.subarray(0, Math.min(chunk.length, leftBytes));
    leftBytes -= chunk.length;
    if (leftBytes >= 0) to.write(part);
    else to.write(part, kill);
  });
}
