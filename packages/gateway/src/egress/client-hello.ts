/** The largest ClientHello that is looked at. Those of today have less than 2 KiB. */
export const CLIENT_HELLO_MAX_BYTES = 16 * 1024;

export interface ClientHello {
  /** The server that the client names, in lower case; null where it names none. */
  serverName: string | null;
  /** There is a second, encrypted hello inside, which may name another server. */
  hasEncryptedHello: boolean;
}

/** What the first bytes of a connection are: not all there yet; no TLS that we understand; or a hello. */
export type HelloResult =
  | { status: "more" }
  | { status: "not_tls" }
  | { status: "hello"; hello: ClientHello };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;
const RECORD_MAX_BYTES = 16 * 1024;
const Extension = { serverName: 0x0000, encryptedClientHello: 0xfe0d } as const;

/**
 * Reads the hello of a TLS client (RFC 8446, section 4.1.2) out of the first bytes of a connection, however they and
 * the hello itself are cut into pieces. Whatever is odd about it makes it `not_tls`: nothing is guessed.
 */
export function readClientHello(bytes: Uint8Array): HelloResult {
  const handshake = handshakeBytes(bytes);
  if (handshake === null) return { status: "not_tls" };
  if (handshake.length >= 1 && handshake[0] !== CLIENT_HELLO) return { status: "not_tls" };
  if (handshake.length < 4) return { status: "more" };
  const size = new Cursor(handshake.subarray(1)).number(3) ?? 0;
  if (size > CLIENT_HELLO_MAX_BYTES) return { status: "not_tls" };
  if (handshake.length < 4 + size) return { status: "more" };
  const hello = parse(new Cursor(handshake.subarray(4, 4 + size)));
  return hello === null ? { status: "not_tls" } : { status: "hello", hello };
}

/** The content of the handshake records that are there, also of the last one that is not whole; null for other bytes. */
function handshakeBytes(bytes: Uint8Array): Uint8Array | null {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== HANDSHAKE_RECORD) return null;
    if (at + 1 < bytes.length && bytes[at + 1] !== 3) return null;
    if (at + RECORD_HEADER_BYTES > bytes.length) break;
    const size = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
    if (size === 0 || size > RECORD_MAX_BYTES) return null;
    parts.push(bytes.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + size));
    at += RECORD_HEADER_BYTES + size;
    const first = Buffer.concat(parts);
    // What follows the hello may be another kind of record, as with early data.
    if (first.length >= 4 && first.length >= 4 + first.readUIntBE(1, 3)) return first;
  }
  return Buffer.concat(parts);
}

function parse(body: Cursor): ClientHello | null {
  const version = body.number(2);
  const random = body.bytes(32);
  const session = body.sized(1);
  const ciphers = body.sized(2);
  const compression = body.sized(1);
  if (version === null || random === null || session === null || ciphers === null || compression === null)
    return null;
  // TLS 1.2 may come without extensions.
  if (body.isAtEnd) return { serverName: null, hasEncryptedHello: false };
  const extensions = body.sized(2);
  if (extensions === null || !body.isAtEnd) return null;
  const hello: ClientHello = { serverName: null, hasEncryptedHello: false };
  const seen = new Set<number>();
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.sized(2);
    if (type === null || content === null || seen.has(type)) return null;
    seen.add(type);
    if (type === Extension.encryptedClientHello) hello.hasEncryptedHello = true;
    if (type !== Extension.serverName) continue;
    const name = parseServerName(content);
    if (name === null) return null;
    hello.serverName = name;
  }
  return hello;
}

/** RFC 6066, section 3: a list with one host name in it. */
function parseServerName(content: Cursor): string | null {
  const list = content.sized(2);
  if (list === null || !content.isAtEnd) return null;
  const kind = list.number(1);
  const name = list.sized(2);
  if (kind !== 0 || name === null || !list.isAtEnd) return null;
  const text = Buffer.from(name.rest()).toString("latin1");
  return /^[\x21-\x7e]+$/.test(text) ? text.toLowerCase() : null;
}

/** Reads on from one place to the next; null where that would be past the end. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  bytes(count: number): Uint8Array | null {
    if (this.#at + count > this.#bytes.length) return null;
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(byteCount: number): number | null {
    return this.bytes(byteCount)?.reduce((sum, byte) => sum * 256 + byte, 0) ?? null;
  }

  /** A part that begins with its own size. */
  sized(sizeByteCount: number): Cursor | null {
    const size = this.number(sizeByteCount);
    const part = size === null ? null : this.bytes(size);
    return part === null ? null : new Cursor(part);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}
