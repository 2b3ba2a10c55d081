import type { Socket } from "node:net";
import type { ByteSource } from "./byte-source.ts";

/**
 * Moves bytes from one side to the other until they end, at the speed of the slower one.
 *
 * @param admit is told of each chunk before it is passed on; false ends the pump at once
 * @param maxBytes after which it ends, with the rest given back
 * @returns false when it was not admitted, or the other side is gone
 */
export async function pump(
  from: ByteSource,
  to: Socket,
  admit: (byteCount: number) => boolean,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  let left = maxBytes;
  while (left > 0) {
    const read = await from.read();
    if (read.status !== "bytes") return read.status === "end" && left === Number.POSITIVE_INFINITY;
    const passed = read.bytes.subarray(0, Math.min(left, read.bytes.length));
    from.unread(read.bytes.subarray(passed.length));
    left -= passed.length;
    if (!admit(passed.length) || to.destroyed) return false;
    if (!to.write(passed)) await writable(to);
  }
  return true;
}

/** Resolves when there is room again, or the socket is gone. */
function writable(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("drain", resolve);
  socket.once("close", resolve);
  return promise.finally(() => {
    socket.off("drain", resolve);
    socket.off("close", resolve);
  });
}
