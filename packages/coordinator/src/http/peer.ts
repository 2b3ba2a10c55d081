import { BlockList, isIP } from "node:net";
import type { Peer } from "../domain/identity.ts";

/** Who is at the other end of a request, and whether the way to them is encrypted. */
export interface Caller {
  peer: Peer;
  isTls: boolean;
  /** The connection comes neither from a trusted proxy nor from this machine. */
  isDirect: boolean;
}

/** A proxy adds at least one of these. Whoever comes with one is not the machine's own command line. */
const FORWARDING_HEADERS = ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"];

/**
 * Reads a request's caller. What `X-Forwarded-For` and `X-Forwarded-Proto` say counts only when the connection itself
 * comes from a trusted proxy, and only as far to the left as the hops are trusted: what stands further left was
 * written by a stranger.
 */
export function createCallerReader(options: {
  /** Addresses and networks such as `10.0.0.0/8`. */
  trustedProxies: readonly string[];
  publicUrl: string | null;
}): (socketAddress: string | null, headers: Headers) => Caller {
  const trusted = networks(options.trustedProxies);
  const isPublicTls = options.publicUrl?.startsWith("https:") ?? false;

  return (socketAddress, headers) => {
    const socket = socketAddress === null ? null : plain(socketAddress);
    const isTrusted = socket !== null && contains(trusted, socket);
    const isLocal = socket !== null && isLoopback(socket);
    const isDirect = !isTrusted && !isLocal;
    const address = isTrusted ? (clientOf(headers.get("x-forwarded-for"), trusted) ?? socket) : socket;
    return {
      peer: {
        address,
        isLoopback: isLocal && !FORWARDING_HEADERS.some((name) => headers.has(name)),
      },
      isDirect,
      // Whoever has gone around the proxy has gone around its TLS.
      isTls:
        (isPublicTls && !isDirect) || (isTrusted && lastItem(headers.get("x-forwarded-proto")) === "https"),
    };
  };
}

/** The rightmost address that is no trusted proxy. Null for a list that cannot be read. */
function clientOf(forwardedFor: string | null, trusted: BlockList): string | null {
  const hops = (forwardedFor ?? "").split(",").map((hop) => plain(hop.trim()));
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) return null;
    if (!contains(trusted, hop)) return hop;
  }
  return null;
}

const lastItem = (list: string | null) => list?.split(",").at(-1)?.trim().toLowerCase() ?? null;

/** IPv4 in IPv6's clothes is IPv4. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address.replace(/^\[|\]$/g, "");
}

const isLoopback = (address: string) => address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);

function networks(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const entry of list) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    blocks.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return blocks;
}

function contains(blocks: BlockList, address: string): boolean {
  const kind = isIP(address);
  return kind !== 0 && blocks.check(address, kind === 6 ? "ipv6" : "ipv4");
}
