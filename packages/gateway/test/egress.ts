import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { EGRESS_SOCKET_NAME } from "@farhand/protocol";
import type { EgressCaps } from "../src/egress/allowance.ts";
import type { EgressTarget } from "../src/gateway.ts";
import { Door } from "./fixture.ts";

/** Names that the tests' resolver knows, and the addresses that it says they have. */
export type Names = Record<string, string[]>;

/**
 * A gateway whose resolver knows the given names alone and for which 127.0.0.1 is an address of the public internet.
 * Every host is allowed at every port that a test names.
 */
export async function openWay(names: Names, caps: Partial<EgressCaps> = {}): Promise<Door> {
  const door = await Door.open(undefined, {
    egressCaps: { patienceMs: 2_000, ...caps },
    egressDial: {
      resolve: async (host) => {
        const addresses = names[host];
        if (addresses === undefined) throw new Error("ENOTFOUND");
        return addresses;
      },
      mayReach: (address) => address === "127.0.0.1",
    },
  });
  door.ports.egressMode = "list";
  door.ports.decide = ({ host }: EgressTarget) =>
    host.endsWith(".test") ? { allowed: true, isRaw: false } : { allowed: false, rule: "not_listed" };
  return door;
}

/** A connection to a task's way out that has shown its token, and everything that comes back. */
export class Caller {
  readonly socket: Socket;
  received = "";
  isClosed = false;
  readonly #chunks: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.received += chunk.toString("latin1");
    });
    // As most programs do: an end is answered with an end.
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.isClosed = true;
    });
    socket.on("error", () => undefined);
  }

  static async connect(door: Door, token: string | null = "one"): Promise<Caller> {
    const socket = dial({ path: join(dirname(door.socket), EGRESS_SOCKET_NAME), allowHalfOpen: true });
    const caller = new Caller(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    if (token !== null) socket.write(`Bearer ${token}\r\n`);
    return caller;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Waits until that text has come. */
  async hears(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.received.slice(0, 500))}`);
      await Bun.sleep(2);
    }
  }

  async closed(): Promise<string> {
    while (!this.isClosed) await Bun.sleep(2);
    return this.received;
  }
}

/** Everything that one request brings, to the end of the connection. */
export async function ask(
  door: Door,
  request: string | Buffer,
  token: string | null = "one",
): Promise<string> {
  const caller = await Caller.connect(door, token);
  caller.socket.write(request);
  return caller.closed();
}

/** A server on loopback that remembers what it was sent. */
export interface Listener extends AsyncDisposable {
  port: number;
  connections: Socket[];
  received: string;
}

export async function listen(onConnection: (socket: Socket) => void = () => undefined): Promise<Listener> {
  const listener: Listener = {
    port: 0,
    connections: [],
    received: "",
    async [Symbol.asyncDispose]() {
      for (const socket of listener.connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    listener.connections.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      listener.received += chunk.toString("latin1");
    });
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  listener.port = typeof address === "object" && address ? address.port : 0;
  return listener;
}

/** A TLS ClientHello (RFC 8446) in records of at most `recordBytes`. */
export function clientHello(
  serverName: string | null,
  { extensions = [], recordBytes = 16_384 }: { extensions?: [number, Buffer][]; recordBytes?: number } = {},
): Buffer {
  const sized = (bytes: Buffer, sizeBytes: number) => {
    const size = Buffer.alloc(sizeBytes);
    size.writeUIntBE(bytes.length, 0, sizeBytes);
    return Buffer.concat([size, bytes]);
  };
  const all: [number, Buffer][] = [...extensions];
  if (serverName !== null)
    all.unshift([0, sized(Buffer.concat([Buffer.from([0]), sized(Buffer.from(serverName), 2)]), 2)]);
  const type = (number: number) => Buffer.from([number >> 8, number & 255]);
  const list = Buffer.concat(
    all.map(([number, content]) => Buffer.concat([type(number), sized(content, 2)])),
  );
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(Buffer.alloc(32, 9), 1),
    sized(Buffer.from([0x13, 0x01]), 2),
    sized(Buffer.from([0]), 1),
    sized(list, 2),
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(body, 3)]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += recordBytes)
    records.push(Buffer.concat([Buffer.from([22, 3, 1]), sized(message.subarray(at, at + recordBytes), 2)]));
  return Buffer.concat(records);
}
