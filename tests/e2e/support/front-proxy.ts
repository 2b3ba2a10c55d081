import { connect, createServer, type Socket } from "node:net";

/** `through`; `silent`: it takes requests and never answers; or an answer of its own, to whatever is asked. */
export type FrontMode = "through" | "silent" | { status: number; page: string };

/** What stands between a browser and the server: a proxy, or a network that answers in the server's place. */
export interface FrontProxy extends AsyncDisposable {
  url: string;
  /** What it does from now on. Connections that are open end. */
  turn(mode: FrontMode): void;
}

/** @param target the server's address */
export async function startFrontProxy(target: string): Promise<FrontProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let mode: FrontMode = "through";
  const proxy = createServer((client) => {
    const now = mode;
    const keep = (socket: Socket) => {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => open.delete(socket));
    };
    keep(client);
    if (now === "silent") return void client.resume();
    if (now === "through") {
      const server = connect({ host: hostname, port: Number(port) });
      keep(server);
      client.on("close", () => server.destroy());
      server.on("close", () => client.destroy());
      client.pipe(server).pipe(client);
      return;
    }
    const { status, page } = now;
    const head = `HTTP/1.1 ${status} As it is\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\nconnection: close\r\n\r\n`;
    client.once("data", () => client.end(`${head}${page}`));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    turn(to) {
      mode = to;
      endAll();
    },
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
