/** Most that one task may have and move at once. */
export interface EgressCaps {
  /** Connections at once. */
  maxConnections: number;
  /** Bytes that a turn may receive, and send. */
  maxDownBytes: number;
  maxUpBytes: number;
  /** A connection on which nothing moves for so long is cut. */
  idleMs: number;
  /** How long a head, a hello, a name or a connection is waited for. */
  patienceMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_CAPS: EgressCaps = {
  maxConnections: 32,
  maxDownBytes: 2048 * MIB,
  maxUpBytes: 200 * MIB,
  idleMs: 300_000,
  patienceMs: 10_000,
};

/** Counts what a task's connections move. The bytes begin anew with each turn. */
export class Allowance {
  readonly #caps: EgressCaps;
  #turn = 0;
  #downBytes = 0;
  #upBytes = 0;
  #connections = 0;

  constructor(caps: EgressCaps) {
    this.#caps = caps;
  }

  enter(turn: number): void {
    if (turn === this.#turn) return;
    this.#turn = turn;
    this.#downBytes = 0;
    this.#upBytes = 0;
  }

  /** False when there are too many. What was taken is given back with {@link release}. */
  take(): boolean {
    if (this.#connections >= this.#caps.maxConnections) return false;
    this.#connections++;
    return true;
  }

  release(): void {
    this.#connections--;
  }

  get isUsedUp(): boolean {
    return this.#downBytes >= this.#caps.maxDownBytes || this.#upBytes >= this.#caps.maxUpBytes;
  }

  /** False when that is more than the turn may move. The bytes count either way. */
  move(direction: "down" | "up", byteCount: number): boolean {
    if (direction === "down") {
      this.#downBytes += byteCount;
      return this.#downBytes <= this.#caps.maxDownBytes;
    }
    this.#upBytes += byteCount;
    return this.#upBytes <= this.#caps.maxUpBytes;
  }
}
