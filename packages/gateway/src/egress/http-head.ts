/** The largest head of a request or an answer. */
export const HEAD_MAX_BYTES = 32 * 1024;
const MAX_HEADERS = 100;

export type Header = [name: string, value: string];

export interface Head {
  /** Request line or status line. */
  first: string;
  headers: Header[];
}

const END = "\r\n\r\n";
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Splits the head off the first bytes of an HTTP/1 message. Strict: whatever two readers could understand in two ways
 * (lone line feeds, folded lines, spaces before a colon, control characters) is refused.
 *
 * @returns null while the head is not whole
 */
export function readHead(bytes: Buffer): { head: Head; rest: Buffer } | "malformed" | null {
  const end = bytes.indexOf(END);
  if (end === -1) return null;
  const lines = bytes.toString("latin1", 0, end).split("\r\n");
  const first = lines[0] ?? "";
  const headers: Header[] = [];
  if (!/^[\x20-\x7e]+$/.test(first) || lines.length > MAX_HEADERS + 1) return "malformed";
  for (const line of lines.slice(1)) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      return "malformed";
    headers.push([name.toLowerCase(), value]);
  }
  return { head: { first, headers }, rest: bytes.subarray(end + END.length) };
}

export function writeHead({ first, headers }: Head): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${first}\r\n${lines.join("")}\r\n`, "latin1");
}

export function valuesOf(headers: Header[], name: string): string[] {
  return headers.flatMap(([key, value]) => (key === name ? [value] : []));
}

/** Meant for the next hop alone (RFC 9110, section 7.6.1), and what we do not do. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "proxy-authenticate",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

/** The headers to hand on: one message for each connection, and nothing that was meant for the proxy. */
export function handedOn(headers: Header[]): Header[] {
  const named = valuesOf(headers, "connection").flatMap((value) => value.toLowerCase().split(/[\s,]+/));
  const left = headers.filter(
    ([name]) => !HOP_BY_HOP.has(name) && !(named.includes(name) && !KEPT.has(name)),
  );
  return [...left, ["connection", "close"]];
}

/** A sender that calls these meant for one hop alone would change what the message says. */
const KEPT = new Set(["host", "content-length", "transfer-encoding"]);
