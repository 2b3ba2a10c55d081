import { type ClientFrame, ServerFrame } from "@farhand/protocol";
import { notUnderstood } from "./api-error.ts";
import { firstIssue } from "./strict-answers.ts";

export type SocketItem =
  | { type: "open" }
  | { type: "frame"; frame: ServerFrame }
  /** The last item. `code` is 1006 where no close frame came. */
  | { type: "closed"; code: number };

type RawItem = { type: "open" } | { type: "data"; data: unknown } | { type: "closed"; code: number };

const NORMAL_CLOSURE = 1000;
const NO_CLOSE_FRAME = 1006;

/**
 * One WebSocket connection, read with `next()`. It pings every `pingIntervalMs` and takes a connection for dead
 * on which nothing came for two such intervals, a heartbeat included, which is how a phone finds out that it changed networks.
 */
export class FrameSocket implements Disposable {
  readonly #socket: WebSocket;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #items: RawItem[] = [];
  readonly #ended = new AbortController();
  #wake: (() => void) | null = null;
  #closed = false;
  #silentIntervals = 0;

  constructor(url: string, pingIntervalMs: number) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => this.#push({ type: "open" }));
    this.#socket.addEventListener("message", (message) => {
      this.#silentIntervals = 0;
      this.#push({ type: "data", data: message.data });
    });
    this.#socket.addEventListener("close", (close) => this.#end(close.code));
    this.#socket.addEventListener("error", () => this.#end(NO_CLOSE_FRAME));
    this.#heartbeat = setInterval(() => this.#beat(), pingIntervalMs);
  }

  /** Aborts when the connection is over, perhaps before its last items were read. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** @throws ApiError when a frame is not one of the protocol's. */
  async next(): Promise<SocketItem> {
    for (;;) {
      const item = this.#items.shift();
      if (item) return item.type === "data" ? { type: "frame", frame: parseFrame(item.data) } : item;
      if (this.#closed) return { type: "closed", code: NO_CLOSE_FRAME };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Does nothing once the connection is lost: `next()` tells of that. */
  send(frame: ClientFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  [Symbol.dispose](): void {
    this.#end(NORMAL_CLOSURE);
  }

  #beat(): void {
    this.#silentIntervals += 1;
    if (this.#silentIntervals > 2) this.#end(NO_CLOSE_FRAME);
    else this.send({ type: "ping" });
  }

  #end(code: number): void {
    this.#push({ type: "closed", code });
    this.#closed = true;
    this.#ended.abort();
    clearInterval(this.#heartbeat);
    this.#socket.close();
  }

  #push(item: RawItem): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#wake?.();
    this.#wake = null;
  }
}

function parseFrame(data: unknown): ServerFrame {
  let json: unknown;
  try {
    json = JSON.parse(String(data));
  } catch {
    throw notUnderstood("A frame of the coordinator", "it is not JSON");
  }
  const frame = ServerFrame.safeParse(json);
  if (!frame.success) throw notUnderstood("A frame of the coordinator", firstIssue(frame.error));
  return frame.data;
}
