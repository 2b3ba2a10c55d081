import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy between clients and a server, on a port that stays the same when the server's changes. */
export interface Cutter extends AsyncDisposable {
  url: string;
  /** Where connections go from now on. */
  lead(url: string): void;
  /**
   * Every connection, open or new, breaks after as many bytes of the answers as `budget` gives for it, in the middle
   * of a frame as much as anywhere. Null ends that.
   */
  cutAfter(budget: (() => number) | null): void;
}

interface Pair {
  client: Socket;
  server: Socket;
  /** Bytes that the client may still get; null for all. */
  left: number | null;
}

export async function startCutter(): Promise<Cutter> {
  const pairs = new Set<Pair>();
  let target: URL | null = null;
  let budget: (() => number) | null = null;
  const proxy = createServer((client) => {
    if (target === null) return void client.destroy();
    const server = connect({ host: target.hostname, port: Number(target.port) });
    const pair: Pair = { client, server, left: budget === null ? null : budget() };
    pairs.add(pair);
    const end = () => {
      client.destroy();
      server.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, server]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (chunk) => {
      if (!server.write(chunk)) client.pause();
    });
    server.on("drain", () => client.resume());
    server.on("data", (chunk) => {
      if (pair.left !== null && chunk.length >= pair.left) {
        // The last bytes leave before the connection does.
        client.write(chunk.subarray(0, pair.left), end);
        server.pause();
        return;
      }
      if (pair.left !== null) pair.left -= chunk.length;
      if (!client.write(chunk)) server.pause();
    });
    client.on("drain", () => server.resume());
  });
  await new Promise<void>((resolve, reject) => {
    proxy.once("error", reject);
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    lead(url) {
      target = new URL(url);
    },
    cutAfter(next) {
      budget = next;
      for (const pair of pairs) pair.left = next === null ? null : next();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => proxy.close(() => resolve()));
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
}
