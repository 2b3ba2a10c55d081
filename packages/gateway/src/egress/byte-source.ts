import type { Socket } from "node:net";

/** What came of waiting for bytes: some; the end of them; or none in time. */
export type Read = { status: "bytes"; bytes: Buffer } | { status: "end" } | { status: "late" };

/**
 * A socket's bytes, asked for one chunk after another. Between two questions the socket is paused, so that whoever
 * sends is held back by whoever receives.
 */
export class ByteSource {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #isOver = false;
  /** Resolved at every change. */
  #change = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      socket.pause();
      this.#chunks.push(chunk);
      this.#tell();
    });
    const over = () => {
      this.#isOver = true;
      this.#tell();
    };
    socket.on("end", over);
    socket.on("close", over);
    socket.on("error", over);
    if (socket.destroyed) over();
  }

  /** @param untilMs as `performance.now()` counts; how long to wait at most */
  async read(untilMs = Number.POSITIVE_INFINITY): Promise<Read> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const waitMs = untilMs - performance.now();
    const timer = Number.isFinite(waitMs)
      ? setTimeout(() => resolve("late"), Math.max(0, waitMs))
      : undefined;
    try {
      for (;;) {
        const bytes = this.#chunks.shift();
        if (bytes !== undefined) return { status: "bytes", bytes };
        if (this.#isOver) return { status: "end" };
        this.#socket.resume();
        if ((await Promise.race([this.#change.promise, late])) === "late") return { status: "late" };
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives bytes back, to be read first. */
  unread(bytes: Buffer): void {
    if (bytes.length > 0) this.#chunks.unshift(bytes);
  }

  #tell(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }
}

export type Gathered<T> =
  | { status: "found"; value: T; bytes: Buffer }
  | { status: "end" | "late" | "too_large"; bytes: Buffer };

/**
 * Reads until `find` makes something of the bytes so far.
 *
 * @param find is given all bytes so far; null asks for more
 * @returns what was found and all bytes that were read for it
 */
export async function gather<T>(
  source: ByteSource,
  limits: { maxBytes: number; untilMs: number },
  find: (bytes: Buffer) => T | null,
): Promise<Gathered<T>> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const read = await source.read(limits.untilMs);
    if (read.status !== "bytes") return { status: read.status, bytes };
    bytes = Buffer.concat([bytes, read.bytes]);
    const value = find(bytes);
    if (value !== null) return { status: "found", value, bytes };
    if (bytes.length >= limits.maxBytes) return { status: "too_large", bytes };
  }
}
