/**
 * Which addresses may be connected to for somebody who may not reach this machine's own networks: a sandbox through the
 * gateway, and a member through the coordinator.
 */
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * Networks that are nobody's on the public internet, and what clouds answer on beside them.
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_V4 = blockList("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // The host agent of one cloud answers on a public address, inside of it alone.
  ["168.63.129.16", 32],
]);

/** All that is handed out of IPv6 so far. */
const GLOBAL_V6 = blockList("ipv6", [["2000::", 3]]);

/**
 * Of that, documentation and benchmarks, and what carries an IPv4 address within: Teredo and 6to4, both out of use.
 * Source: https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL_V6 = blockList("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
]);

/** A network without IPv4 reaches the whole of it behind this prefix, private addresses too. */
const NAT64_V6 = blockList("ipv6", [["64:ff9b::", 96]]);

/** Whether an address is one of the public internet: not private, loopback, link-local, multicast or reserved. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !SPECIAL_V4.check(address, "ipv4");
    case 6: {
      // One with a zone is link-local at best.
      if (address.includes("%")) return false;
      if (NAT64_V6.check(address, "ipv6")) return isPublicAddress(lastFourBytes(address));
      return GLOBAL_V6.check(address, "ipv6") && !SPECIAL_V6.check(address, "ipv6");
    }
    default:
      return false;
  }
}

/** Whether an address is one of the public internet, and not this machine's own there. */
export function isOutsideAddress(address: string): boolean {
  return isPublicAddress(address) && !isOwnAddress(address);
}

/** Whether an address is one of this machine's own: from here it leads past the firewall that others meet. */
export function isOwnAddress(address: string): boolean {
  const own = new BlockList();
  for (const { address: one, family } of Object.values(networkInterfaces()).flatMap((them) => them ?? []))
    own.addAddress(one.split("%", 1)[0] ?? one, family === "IPv6" ? "ipv6" : "ipv4");
  return own.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function lastFourBytes(address: string): string {
  // The URL's parser writes every IPv6 address in one form.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(":");
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group || "0", 16));
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join(".");
}

function blockList(family: "ipv4" | "ipv6", networks: [network: string, bits: number][]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}
