import { isIP } from "node:net";
import { HostName } from "@farhand/protocol";
import { type Head, type Header, handedOn, valuesOf } from "./http-head.ts";

export interface Target {
  /** A name in lower case, or an IP address in its usual form. */
  host: string;
  port: number;
}

/** What a client wants of the proxy. */
export type ProxyRequest =
  | ({ via: "connect" } & Target)
  | ({
      via: "plain";
      /** As the server gets it. */
      head: Head;
      /** What follows the head. */
      bodyBytes: number;
    } & Target);

/** Why a request is none: the status of the answer, and a sentence. */
export interface BadRequest {
  status: 400 | 411 | 501;
  detail: string;
}

const REQUEST_LINE = /^([A-Z][A-Z-]{0,31}) (\S{1,16384}) (HTTP\/1\.[01])$/;

export function readProxyRequest(head: Head): ProxyRequest | BadRequest {
  const [, method, target, version] = REQUEST_LINE.exec(head.first) ?? [];
  if (method === undefined || target === undefined || version === undefined)
    return bad("The first line is no request of HTTP/1.1.");
  if (method === "CONNECT") {
    const place = readAuthority(target, null);
    return place === null
      ? bad("CONNECT takes a host and a port, as in example.com:443.")
      : { via: "connect", ...place };
  }
  if (/^https:/i.test(target)) return bad("Addresses with https go through CONNECT.");
  const [, authority, path = ""] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(target) ?? [];
  const place = authority === undefined ? null : readAuthority(authority, 80);
  if (place === null)
    return bad("This is a proxy: it takes CONNECT, and requests with the whole address (http://host/path).");
  return plain(head, place, `${method} ${path.startsWith("/") ? path : `/${path}`} ${version}`);
}

function plain(head: Head, place: Target, first: string): ProxyRequest | BadRequest {
  const hosts = valuesOf(head.headers, "host");
  const named = hosts[0] === undefined ? place : readAuthority(hosts[0], 80);
  if (hosts.length > 1 || named === null || named.host !== place.host || named.port !== place.port)
    return bad("The header Host is not the host of the address.");
  if (valuesOf(head.headers, "transfer-encoding").length > 0)
    return {
      status: 411,
      detail: "Say how long the body is (Content-Length): one in chunks is not taken here.",
    };
  const lengths = valuesOf(head.headers, "content-length");
  const length = lengths[0] ?? "0";
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) return bad("The header Content-Length is no number.");
  const host: Header = ["host", authorityOf(place, 80)];
  const headers = [host, ...handedOn(head.headers.filter(([name]) => name !== "host"))];
  return { via: "plain", ...place, head: { first, headers }, bodyBytes: Number(length) };
}

/** `host:port`; without a port where there is a usual one. Null for what is neither a name nor an IP address. */
export function readAuthority(text: string, usualPort: number | null): Target | null {
  const [, bracketed, bare, digits] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9.-]{1,254}))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const port = digits === undefined ? usualPort : Number(digits);
  if (port === null || port < 1 || port > 65_535) return null;
  if (bracketed !== undefined) {
    if (isIP(bracketed) !== 6) return null;
    return { host: new URL(`http://[${bracketed}]/`).hostname.slice(1, -1), port };
  }
  if (bare === undefined) return null;
  const host = bare.toLowerCase().replace(/\.$/, "");
  return isIP(host) === 4 || HostName.safeParse(host).success ? { host, port } : null;
}

export function authorityOf({ host, port }: Target, usualPort: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === usualPort ? name : `${name}:${port}`;
}

function bad(detail: string): BadRequest {
  return { status: 400, detail };
}
