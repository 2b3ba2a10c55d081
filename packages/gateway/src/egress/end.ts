import type { Socket } from "node:net";
import { ByteSource } from "./byte-source.ts";
import { pump } from "./pump.ts";

/** How much of a refused request is read and thrown away, so that its sender hears the answer. */
const DISCARDED_MAX_BYTES = 1024 * 1024;
const DISCARD_MS = 2_000;

/** One side of a connection. */
export interface End {
  socket: Socket;
  source: ByteSource;
}

export const endOf = (socket: Socket): End => ({ socket, source: new ByteSource(socket) });

/** Told of each chunk's size; false where no more may pass. */
export interface Moves {
  up(byteCount: number): boolean;
  down(byteCount: number): boolean;
}

/** Passes all bytes on, and then their end. */
export async function forward(from: End, to: End, admit: (byteCount: number) => boolean): Promise<void> {
  if (await pump(from.source, to.socket, admit)) to.socket.end();
  else to.socket.destroy();
}

/**
 * Answers and ends. What the client still sends is read for a moment: closed at once, the connection would be reset and
 * the answer could be lost.
 */
export async function answer({ socket, source }: End, bytes: Buffer): Promise<void> {
  if (socket.destroyed) return;
  socket.end(bytes);
  const untilMs = performance.now() + DISCARD_MS;
  let discarded = 0;
  while (discarded < DISCARDED_MAX_BYTES) {
    const read = await source.read(untilMs);
    if (read.status !== "bytes") break;
    discarded += read.bytes.length;
  }
  socket.destroy();
}

/** Resolves when all that was written is out, or the socket is gone. */
export function finished(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (socket.destroyed || socket.writableFinished) resolve();
  socket.once("finish", resolve);
  socket.once("close", resolve);
  return promise;
}
