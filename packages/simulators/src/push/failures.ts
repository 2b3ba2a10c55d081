/** Answers in place of the service's own, so many times. */
export interface Failure {
  status: number;
  /** In seconds, or as a date. */
  retryAfter?: string;
  times: number;
  /** No answer at all: the connection is held until its caller gives up. */
  isSilent?: boolean;
}

export class Failures {
  readonly #queue: Failure[] = [];
  /** Connections that are held without an answer now. */
  held = 0;

  add(failure: Failure): void {
    this.#queue.push({ ...failure });
  }

  /** The answer to give now, or null for the service's own. */
  async next(request: Request): Promise<Response | null> {
    const [first] = this.#queue;
    if (!first) return null;
    first.times -= 1;
    if (first.times <= 0) this.#queue.shift();
    if (first.isSilent) {
      this.held += 1;
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      this.held -= 1;
    }
    const headers = first.retryAfter === undefined ? {} : { "retry-after": first.retryAfter };
    return new Response("the simulator was told to fail\n", { status: first.status, headers });
  }
}
