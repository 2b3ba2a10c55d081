import { mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { endOf, finished, forward } from "./egress/end.ts";
import { serveSocket } from "./egress/socket-server.ts";
import type { SocketServer } from "./task-socket.ts";

const everything = () => true;

/**
 * Where the HTTP servers of tasks listen: in a folder that no sandbox sees. `Bun.serve` takes any number of connections
 * and can be told of no most, and one that sends half a head reaches no handler that could count it. So connections are
 * counted before it, and bytes are passed on.
 */
export class HttpServers {
  readonly #directory: string;
  #made: Promise<void> | undefined;
  #count = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Serves HTTP at a socket's path, over at most so many connections at once; a further one is closed at once. */
  async serve(
    path: string,
    maxConnections: number,
    start: (innerPath: string) => { stop(closeActive: boolean): Promise<void> },
  ): Promise<SocketServer> {
    this.#made ??= this.#make().catch((error) => {
      // The next one tries again: a disk that was full need not be full for good.
      this.#made = undefined;
      throw error;
    });
    await this.#made;
    const innerPath = join(this.#directory, String(++this.#count));
    const inner = start(innerPath);
    const stopInner = async (closeActive: boolean) => {
      await inner.stop(closeActive);
      await rm(innerPath, { force: true });
    };
    const outer = await serveSocket(path, (client) => passOn(client, innerPath), maxConnections).catch(
      async (error) => {
        await stopInner(true);
        throw error;
      },
    );
    return {
      async stop(closeActive) {
        await Promise.all([outer.stop(closeActive), stopInner(closeActive)]);
      },
    };
  }

  /** With nothing in it of a process before this one. */
  async #make(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }
}

async function passOn(socket: Parameters<typeof endOf>[0], innerPath: string): Promise<void> {
  const client = endOf(socket);
  const innerSocket = connect({ path: innerPath, allowHalfOpen: true });
  innerSocket.on("error", () => innerSocket.destroy());
  const inner = endOf(innerSocket);
  void forward(client, inner, everything);
  try {
    // When the server has ended, it hears no more either.
    await forward(inner, client, everything);
    await finished(client.socket);
  } finally {
    inner.socket.destroy();
  }
}
