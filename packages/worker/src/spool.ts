import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { NumberedWorkerEvent, type WorkerEvent } from "@farhand/protocol";

/** Most bytes of one batch, unless a single event is larger. */
const BATCH_BYTES = 1024 * 1024;
/** Most events of one batch, as the protocol allows. */
const BATCH_EVENTS = 500;

type WriteSync = (descriptor: number, bytes: Buffer, offset: number) => number;

interface Entry {
  event: NumberedWorkerEvent;
  sizeBytes: number;
}

/**
 * The worker's events on their way to the log: an append-only file of JSON lines, and in memory those that the
 * gateway has not acknowledged. A process that starts over an existing file goes on with its numbers; a last
 * line that was torn by a crash is dropped, because nobody was told of it.
 */
export class Spool implements Disposable {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #now: () => Date;
  readonly #write: WriteSync;
  /** Length of the file up to its last whole line. */
  #sizeBytes: number;
  #lastN: number;
  #acknowledged = 0;
  #pending: Entry[];
  /** What an earlier process of this attempt left behind. */
  readonly recovered: readonly NumberedWorkerEvent[];

  /** @param write how bytes get into the file; tests give one that fails. */
  constructor(path: string, now: () => Date, write: WriteSync = writeSync) {
    this.#path = path;
    this.#write = write;
    this.#now = now;
    this.#descriptor = openSync(path, "a+", 0o600);
    const file = readSpool(path);
    ftruncateSync(this.#descriptor, file.sizeBytes);
    this.#sizeBytes = file.sizeBytes;
    this.#pending = file.entries;
    this.#lastN = file.entries.at(-1)?.event.n ?? 0;
    this.recovered = file.entries.map((entry) => entry.event);
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Numbers an event and brings it to the disk. Throws, and keeps nothing, when the disk refuses. */
  append(event: WorkerEvent): void {
    const { numbered, line } = this.#number(event);
    try {
      for (let written = 0; written < line.length; ) written += this.#write(this.#descriptor, line, written);
      fdatasyncSync(this.#descriptor);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += line.length;
    this.#queue(numbered, line.length);
  }

  /** Numbers an event and keeps it in memory only: the last word of a worker whose disk is full. */
  appendInMemory(event: WorkerEvent): void {
    const { numbered, line } = this.#number(event);
    this.#queue(numbered, line.length);
  }

  /** The next events to send, in order. */
  batch(): NumberedWorkerEvent[] {
    const events: NumberedWorkerEvent[] = [];
    let sizeBytes = 0;
    for (const entry of this.#pending) {
      sizeBytes += entry.sizeBytes;
      if (events.length > 0 && (sizeBytes > BATCH_BYTES || events.length === BATCH_EVENTS)) break;
      events.push(entry.event);
    }
    return events;
  }

  /** The log holds everything up to `n`. */
  acknowledge(n: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, n);
    this.#pending = this.#pending.filter((entry) => entry.event.n > n);
  }

  /** The log holds less than was acknowledged before: takes everything after `n` up again from the file. */
  rewind(n: number): void {
    if (n >= this.#acknowledged) {
      this.acknowledge(n);
      return;
    }
    const file = readSpool(this.#path);
    const lastOnDisk = file.entries.at(-1)?.event.n ?? 0;
    this.#pending = [...file.entries, ...this.#pending.filter((entry) => entry.event.n > lastOnDisk)];
    this.#acknowledged = 0;
    this.acknowledge(n);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #number(event: WorkerEvent): { numbered: NumberedWorkerEvent; line: Buffer } {
    const numbered = { n: this.#lastN + 1, at: this.#now().toISOString(), event };
    return { numbered, line: Buffer.from(`${JSON.stringify(numbered)}\n`) };
  }

  #queue(event: NumberedWorkerEvent, sizeBytes: number): void {
    this.#lastN = event.n;
    this.#pending.push({ event, sizeBytes });
  }
}

function readSpool(path: string): { entries: Entry[]; sizeBytes: number } {
  const bytes = readFileSync(path);
  const entries: Entry[] = [];
  let sizeBytes = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, sizeBytes);
    // Without its newline a line never counted as written.
    if (newline < 0) return { entries, sizeBytes };
    const event = parseLine(bytes.subarray(sizeBytes, newline));
    const end = newline + 1;
    if (event === null || event.n !== entries.length + 1) {
      if (end === bytes.length) return { entries, sizeBytes };
      throw new Error(`the spool is damaged at byte ${sizeBytes}`);
    }
    entries.push({ event, sizeBytes: end - sizeBytes });
    sizeBytes = end;
  }
}

function parseLine(line: Buffer): NumberedWorkerEvent | null {
  try {
    return NumberedWorkerEvent.parse(JSON.parse(line.toString("utf8")));
  } catch {
    return null;
  }
}
