import { isIPv6 } from "node:net";
import { publicAddressOf, type Resolve } from "./addresses.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * `fetch` for addresses that somebody gave who may not reach this server's own networks: it connects to the very
 * address that was looked at, under the host's name, and follows no redirect.
 *
 * @throws FarhandError as `publicAddressOf` does
 */
export function guardedFetch(resolve?: Resolve): Fetch {
  return async (given, init) => {
    const url = new URL(given);
    const address = await publicAddressOf(given, resolve);
    const headers = new Headers(init.headers);
    headers.set("host", url.host);
    const { hostname, protocol } = url;
    url.hostname = isIPv6(address) ? `[${address}]` : address;
    const tls = protocol === "https:" ? { tls: { serverName: hostname } } : {};
    return await fetch(url.href, { ...init, headers, redirect: "manual", ...tls });
  };
}
