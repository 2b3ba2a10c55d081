import { CloseCode, type ServerFrame } from "@farhand/protocol";

/** What an outlet needs of a socket. */
export interface OutletSocket {
  send(text: string): unknown;
  close(code: number, reason: string): void;
  getBufferedAmount(): number;
}

/** Above this many unsent bytes nothing more is read for the connection until it has drained. */
const PAUSE_BYTES = 1024 * 1024;
/** A connection that does not drain for this long is cut off. */
const SLOW_TIMEOUT_MS = 15_000;
/** RFC 6455's code for the server's own trouble: the client connects again and resumes. */
const SERVER_TROUBLE = 1011;

/** The way out to one client, which may read more slowly than there is to send. */
export class Outlet {
  readonly #socket: OutletSocket;
  #waiting: PromiseWithResolvers<void> | null = null;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: OutletSocket) {
    this.#socket = socket;
  }

  send(frame: ServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** For a frame that goes to many clients and was written once. */
  sendText(frame: string): void {
    this.#socket.send(frame);
  }

  get isFull(): boolean {
    return this.#socket.getBufferedAmount() > PAUSE_BYTES;
  }

  /** Resolves when there is room, and when there never will be: the connection is then closed. */
  async room(): Promise<void> {
    if (!this.isFull) return;
    if (this.#waiting === null) {
      this.#waiting = Promise.withResolvers();
      this.#slowTimer = setTimeout(
        () => this.#socket.close(CloseCode.slowReader, "you read too slowly; resume with your last seq"),
        SLOW_TIMEOUT_MS,
      );
    }
    await this.#waiting.promise;
  }

  /** What this client should get cannot be read at present: it may come back for it. */
  breakOff(): void {
    this.#socket.close(SERVER_TROUBLE, "the server has trouble; connect again and resume");
  }

  /** The socket has sent what it held back, or has closed. */
  drained(): void {
    clearTimeout(this.#slowTimer);
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
