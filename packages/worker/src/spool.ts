import {
  closeSync,
  constants,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { NumberedWorkerEvent, type WorkerEvent } from "@farhand/protocol";

/** Most bytes of one batch, unless a single event is larger. */
const BATCH_BYTES = 1024 * 1024;
/** Most events of one batch, as the protocol allows. */
const BATCH_EVENTS = 500;

type WriteSync = (descriptor: number, bytes: Buffer, offset: number) => number;

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;

interface Entry {
  event: NumberedWorkerEvent;
  sizeBytes: number;
}

/**
 * The worker's events on their way to the log: a file of JSON lines, and in memory those that the gateway has not
 * acknowledged. The file holds what is acknowledged too, until `trim`, for a log that loses its last events.
 */
export class Spool implements Disposable {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #now: () => Date;
  readonly #write: WriteSync;
  /** Length of the file up to its last whole line. */
  #sizeBytes = 0;
  /** Number of the last event that is in the file no more. */
  #trimmed = 0;
  #lastN = 0;
  #acknowledged = 0;
  #pending: Entry[] = [];

  /** @param write how bytes get into the file; tests give one that fails. */
  constructor(path: string, now: () => Date, write: WriteSync = writeSync) {
    this.#path = path;
    this.#write = write;
    this.#now = now;
    this.#descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
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

  /**
   * The log holds less than was acknowledged before: takes everything after `n` up again from the file. Throws where
   * that was trimmed.
   */
  rewind(n: number): void {
    if (n < this.#trimmed) throw new Error(`the log has lost event ${n + 1}, which is kept no longer`);
    if (n < this.#acknowledged) {
      const entries = readSpool(this.#path);
      const onDisk = new Set(entries.map((entry) => entry.event.n));
      const inMemory = this.#pending.filter((entry) => !onDisk.has(entry.event.n));
      this.#pending = [...entries, ...inMemory].toSorted((a, b) => a.event.n - b.event.n);
      this.#acknowledged = 0;
    }
    this.acknowledge(n);
  }

  /** Empties the file when everything is acknowledged, so that it does not grow from turn to turn. */
  trim(): void {
    if (this.#pending.length > 0) return;
    ftruncateSync(this.#descriptor, 0);
    this.#sizeBytes = 0;
    this.#trimmed = this.#acknowledged;
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

function readSpool(path: string): Entry[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => ({
    event: NumberedWorkerEvent.parse(JSON.parse(line)),
    sizeBytes: Buffer.byteLength(line) + 1,
  }));
}
