export interface CgiHead {
  status: number;
  headers: Headers;
  /** What of the given bytes belongs to the body. */
  rest: Uint8Array;
}

/** The largest head that is read from the program, in bytes. `git http-backend` writes about 200. */
export const CGI_HEAD_MAX_BYTES = 64 * 1024;

/**
 * Reads the head of a CGI answer (RFC 3875, section 6). Null while the empty line at its end is missing.
 * Throws `SyntaxError` on a line that is no header.
 */
export function parseCgiHead(bytes: Uint8Array): CgiHead | null {
  const end = endOfHead(bytes);
  if (end === null) return null;
  const headers = new Headers();
  let status = 200;
  for (const line of new TextDecoder("latin1").decode(bytes.subarray(0, end.head)).split(/\r?\n/)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw new SyntaxError("a CGI header has no colon");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name !== "status") headers.append(name, value);
    else {
      status = Number.parseInt(value, 10);
      if (!(status >= 200 && status <= 599)) throw new SyntaxError("a CGI status is not a number");
    }
  }
  return { status, headers, rest: bytes.subarray(end.body) };
}

function endOfHead(bytes: Uint8Array): { head: number; body: number } | null {
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return { head: at, body: at + 2 };
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return { head: at, body: at + 3 };
  }
  return null;
}
