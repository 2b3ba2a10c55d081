import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { isOutsideAddress } from "@farhand/addresses";
import type { Target } from "./proxy-request.ts";

/** All addresses of a name; rejects where there are none. */
export type Resolve = (host: string) => Promise<string[]>;

export interface DialOptions {
  resolve: Resolve;
  /** Whether an address may be connected to. */
  mayReach: (address: string) => boolean;
}

export const DEFAULT_DIAL: DialOptions = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  mayReach: isOutsideAddress,
};

/** Addresses of one name that are tried, one after the other. */
const MAX_TRIES = 4;

export type Dialled =
  | { status: "connected"; socket: Socket }
  | { status: "private_address" }
  | { status: "unknown_name" | "unreachable" | "late" };

/**
 * Resolves a name and connects to one of the very addresses that were checked: asked again, the name could lead
 * elsewhere. One address that is not public is enough to refuse the name.
 *
 * @param untilMs as `performance.now()` counts
 */
export async function dial(
  { host, port }: Target,
  { resolve, mayReach }: DialOptions,
  untilMs: number,
  signal: AbortSignal,
): Promise<Dialled> {
  let addresses: string[];
  try {
    const found = isIP(host) === 0 ? await inTime(resolve(host), untilMs) : [host];
    if (found === null) return { status: "late" };
    addresses = [...new Set(found)];
  } catch {
    return { status: "unknown_name" };
  }
  if (addresses.length === 0) return { status: "unknown_name" };
  if (!addresses.every(mayReach)) return { status: "private_address" };
  for (const address of addresses.slice(0, MAX_TRIES)) {
    if (signal.aborted || performance.now() >= untilMs) break;
    const socket = await connectTo(address, port, untilMs, signal);
    if (socket !== null) return { status: "connected", socket };
  }
  return { status: performance.now() >= untilMs ? "late" : "unreachable" };
}

function connectTo(host: string, port: number, untilMs: number, signal: AbortSignal): Promise<Socket | null> {
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const giveUp = () => {
    socket.destroy();
    resolve(null);
  };
  const timer = setTimeout(giveUp, Math.max(0, untilMs - performance.now()));
  signal.addEventListener("abort", giveUp, { once: true });
  socket.once("connect", () => resolve(socket));
  // Stays, so that a later error has a listener whoever takes the socket.
  socket.on("error", giveUp);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  });
}

async function inTime<T>(work: Promise<T>, untilMs: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), Math.max(0, untilMs - performance.now()));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
