import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { failure } from "../domain/failure.ts";

/**
 * Networks that are nobody's on the public internet.
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
 */
const SPECIAL: [network: string, bits: number, family: "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 4, "ipv4"],
  ["240.0.0.0", 4, "ipv4"],
];

/** All that is handed out of IPv6 so far; of that, documentation, and what carries an IPv4 address within. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet("2000::", 3, "ipv6");
const SPECIAL_V6 = new BlockList();
for (const [network, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  SPECIAL_V6.addSubnet(network, bits, "ipv6");
const SPECIAL_V4 = new BlockList();
for (const [network, bits, family] of SPECIAL) SPECIAL_V4.addSubnet(network, bits, family);

/** Whether an address is one of the public internet: not private, loopback, link-local, multicast or reserved. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !SPECIAL_V4.check(address, "ipv4");
    case 6:
      return GLOBAL_V6.check(address, "ipv6") && !SPECIAL_V6.check(address, "ipv6");
    default:
      return false;
  }
}

export type Resolve = (host: string) => Promise<string[]>;

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The public address to connect to for a URL that somebody gave who may not reach this server's own networks. Connect
 * to that very address: asked again, a name may lead elsewhere.
 *
 * @throws FarhandError `address_refused` for one that leads into a network of the server's; `key_unreachable` for a
 * name that nobody knows
 */
export async function publicAddressOf(url: string, resolve: Resolve = resolveAll): Promise<string> {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  let addresses: string[];
  try {
    addresses = isIP(host) === 0 ? await resolve(host) : [host];
  } catch (error) {
    throw failure(
      "key_unreachable",
      `The name ${host} cannot be resolved.`,
      "Check the address for slips, and try again.",
      { retryable: true, cause: error },
    );
  }
  const [first] = addresses;
  if (first !== undefined && addresses.every(isPublicAddress)) return first;
  throw failure(
    "address_refused",
    `${host} is not an address of the public internet.`,
    "Name a public address; only the owner of this server may use one of its own networks.",
  );
}
