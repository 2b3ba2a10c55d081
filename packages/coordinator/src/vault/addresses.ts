import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isOutsideAddress } from "@farhand/addresses";
import { failure } from "../domain/failure.ts";

export type Resolve = (host: string) => Promise<string[]>;

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The public address to connect to for a URL that somebody gave who may not reach this server's own networks. Connect
 * to that very address: asked again, a name may lead elsewhere.
 *
 * @throws FarhandError `address_refused` for one that leads into a network of the server's or to the server itself; `key_unreachable` for a
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
  if (first !== undefined && addresses.every(isOutsideAddress)) return first;
  throw failure(
    "address_refused",
    `${host} is not an address of the public internet.`,
    "Name a public address; only the owner of this server may use one of its own networks.",
  );
}
