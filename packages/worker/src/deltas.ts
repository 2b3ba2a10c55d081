import type { Delta } from "@farhand/protocol";

/** How long pieces are gathered before they are sent: short for the eye, long for a request. */
const GATHER_MS = 30;
/** Most pieces that wait; the protocol takes no more in one call. What comes on top is dropped. */
const MOST_WAITING = 1_000;
/** Most characters that wait, so that a call stays well under the protocol's limit however they are escaped. */
const MOST_CHARACTERS = 100_000;

/**
 * Passes the pieces of an answer on while it streams. Best effort: pieces that cannot be sent are dropped, since
 * the finished message follows as an event.
 */
export class Deltas implements AsyncDisposable {
  readonly #post: (deltas: Delta[], signal: AbortSignal) => Promise<void>;
  readonly #stop = new AbortController();
  #waiting: Delta[] = [];
  #characters = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #posting: Promise<void> | null = null;

  constructor(post: (deltas: Delta[], signal: AbortSignal) => Promise<void>) {
    this.#post = post;
  }

  push(delta: Delta): void {
    if (delta.text === "" || this.#characters + delta.text.length > MOST_CHARACTERS) return;
    const last = this.#waiting.at(-1);
    if (last && continues(last, delta)) last.text += delta.text;
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ ...delta });
    else return;
    this.#characters += delta.text.length;
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** The message is finished or given up: what is left of it is of no use to anyone. */
  drop(messageId: string): void {
    this.#waiting = this.#waiting.filter((delta) => delta.messageId !== messageId);
    this.#characters = this.#waiting.reduce((sum, delta) => sum + delta.text.length, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = [];
    if (this.#timer) clearTimeout(this.#timer);
    this.#stop.abort(new Error("deltas are closed"));
    await this.#posting;
  }

  #flush(): void {
    this.#timer = null;
    // One request at a time keeps the pieces in order; the next takes all that has gathered meanwhile.
    if (this.#posting || this.#waiting.length === 0) return;
    const deltas = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    this.#posting = this.#post(deltas, this.#stop.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#posting = null;
        if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
      });
  }
}

function continues(last: Delta, next: Delta): boolean {
  return last.messageId === next.messageId && last.index === next.index && last.kind === next.kind;
}
