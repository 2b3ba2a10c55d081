import { OUTPUT_MAX_BYTES } from "@farhand/protocol";
import { marker, truncate } from "./truncate.ts";

/** Pieces are joined when there are more: many small ones take far more room than their bytes. */
const MOST_PIECES = 1_000;

/**
 * What a command prints, as it prints it: its beginning and its end, and no more than a few times `maxBytes` of memory,
 * however much comes.
 */
export class Printed {
  readonly #maxBytes: number;
  readonly #halfBytes: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #sizeBytes = 0;

  constructor(maxBytes = OUTPUT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.#halfBytes = Math.floor(maxBytes / 2);
  }

  /** All that was printed, kept or not. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  push(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    const toHead = chunk.subarray(0, this.#halfBytes - this.#headBytes);
    this.#headBytes += toHead.length;
    if (toHead.length > 0) this.#head.push(toHead);
    if (this.#head.length > MOST_PIECES) this.#head = [Buffer.concat(this.#head)];
    const toTail = chunk.subarray(toHead.length);
    this.#tailBytes += toTail.length;
    if (toTail.length > 0) this.#tail.push(toTail);
    if (this.#tail.length > MOST_PIECES || this.#tailBytes > 2 * this.#halfBytes) {
      // A copy: a part of the joined pieces would hold on to all of them.
      const tail = Buffer.from(this.#end());
      this.#tail = [tail];
      this.#tailBytes = tail.length;
    }
  }

  /** At most `maxBytes` of UTF-8, with a line where something is missing. Other bytes become U+FFFD. */
  text(): string {
    const tail = this.#end();
    const lostBytes = this.#sizeBytes - this.#headBytes - tail.length;
    const gap = lostBytes > 0 ? [Buffer.from(marker(lostBytes))] : [];
    return truncate(Buffer.concat([...this.#head, ...gap, tail]).toString("utf8"), this.#maxBytes).text;
  }

  #end(): Buffer {
    const tail = Buffer.concat(this.#tail);
    return tail.subarray(Math.max(0, tail.length - this.#halfBytes));
  }
}
