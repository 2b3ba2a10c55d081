/** One thing in an archive. Its content has to be read before the next one is asked for. */
export interface TarEntry {
  /** Path without a slash at either end; bytes that are no UTF-8 as U+FFFD. */
  name: string;
  /** All bytes that describe it: names, the target of a link, extended attributes. */
  description: Uint8Array[];
  content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** An extended header holds names and attributes. */
const EXTENDED_MAX_BYTES = 1024 ** 2;

/**
 * Reads a tar archive (POSIX.1-2001 "pax", and GNU's long names) as it comes, in bounded memory.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 *
 * @throws Error when it is damaged or ends before its end
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new ByteReader(archive);
  let description: Uint8Array[] = [];
  let longName: string | null = null;
  for (;;) {
    const header = await source.take(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    demandChecksum(header);
    const sizeBytes = numberIn(header.subarray(124, 136));
    const padding = (BLOCK - (sizeBytes % BLOCK)) % BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    description.push(header);
    if ("xgLK".includes(type)) {
      if (sizeBytes > EXTENDED_MAX_BYTES) throw new Error("an extended header of the archive is too large");
      const data = await source.take(sizeBytes);
      await source.take(padding);
      description.push(data);
      if (type === "x") longName = paxPath(data) ?? longName;
      if (type === "L") longName = textIn(data);
      // Those of type g are for all that follows; the engine writes none.
      continue;
    }
    const content = source.pieces(sizeBytes);
    yield { name: plainPath(longName ?? nameIn(header)), description, content };
    for await (const _ of content);
    await source.take(padding);
    description = [];
    longName = null;
  }
}

const plainPath = (path: string) => path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");

function nameIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100));
  const prefix = header.toString("latin1", 257, 262) === "ustar" ? textIn(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function textIn(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? field.length : end);
}

/** Octal digits, or for large numbers base 256 with the first bit set. */
function numberIn(field: Buffer): number {
  if ((field[0] ?? 0) & 0x80) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new Error("a number in the archive is too large");
    return value;
  }
  const digits = textIn(field).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error("the archive is damaged: a number is none");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function demandChecksum(header: Buffer): void {
  let sum = 0;
  // Its own field counts as spaces.
  header.forEach((byte, at) => {
    sum += at >= 148 && at < 156 ? 32 : byte;
  });
  if (sum !== numberIn(header.subarray(148, 156)))
    throw new Error("the archive is damaged: a checksum is wrong");
}

/** The path among records of the form `<length> <key>=<value>\n`. */
function paxPath(data: Buffer): string | null {
  let path: string | null = null;
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(32, at);
    const length = space === -1 ? Number.NaN : Number(data.toString("latin1", at, space));
    if (!Number.isInteger(length) || length < 4 || at + length > data.length)
      throw new Error("the archive is damaged: an extended header cannot be read");
    const record = data.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(61);
    if (record.toString("latin1", 0, equals) === "path") path = record.toString("utf8", equals + 1);
    at += length;
  }
  return path;
}

class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(sizeBytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(sizeBytes)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** So many bytes, piece by piece. Asked again it goes on where it was left. */
  pieces(sizeBytes: number): AsyncIterable<Uint8Array> {
    let left = sizeBytes;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (left === 0) return { done: true, value: undefined };
      const piece = await this.#some(left);
      left -= piece.length;
      return { done: false, value: piece };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async #some(mostBytes: number): Promise<Uint8Array> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done) throw new Error("the archive ends before its end");
      this.#held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const piece = this.#held.subarray(0, mostBytes);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }
}
