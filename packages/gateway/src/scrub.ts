const REPLACEMENT = new TextEncoder().encode("[redacted]");

/** Shorter strings are no keys; replacing them would spoil answers in which they occur by chance. */
const SECRET_MIN_BYTES = 8;

/**
 * Replaces every occurrence of a secret in a stream of bytes, also where chunks split it. Holds back only bytes
 * that could be the secret's beginning, so a stream that does not contain it is not delayed.
 */
export class Scrubber {
  readonly #secret: Buffer;
  #held: Buffer = Buffer.alloc(0);

  constructor(secret: string) {
    const bytes = Buffer.from(secret);
    this.#secret = bytes.length < SECRET_MIN_BYTES ? Buffer.alloc(0) : bytes;
  }

  /** Bytes that may go on now. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#secret.length === 0) return chunk;
    const input = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = input.indexOf(this.#secret); at !== -1; at = input.indexOf(this.#secret, from)) {
      parts.push(input.subarray(from, at), REPLACEMENT);
      from = at + this.#secret.length;
    }
    const end = input.length - this.#beginningAtEnd(input.subarray(from));
    this.#held = Buffer.from(input.subarray(end));
    parts.push(input.subarray(from, end));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** What was held back, once the stream has ended. */
  end(): Uint8Array {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  /** Length of the longest beginning of the secret that `input` ends with. */
  #beginningAtEnd(input: Buffer): number {
    const longest = Math.min(this.#secret.length - 1, input.length);
    for (let length = longest; length > 0; length--) {
      if (input.subarray(input.length - length).equals(this.#secret.subarray(0, length))) return length;
    }
    return 0;
  }
}

/** {@link Scrubber} for a text that is there in full. */
export function scrubText(text: string, secret: string): string {
  return Buffer.byteLength(secret) < SECRET_MIN_BYTES ? text : text.replaceAll(secret, "[redacted]");
}
