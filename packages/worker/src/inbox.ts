import type { InboxItem } from "@farhand/protocol";
import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { GatewayAway } from "./gateway-client.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

export interface InboxOptions {
  /** Number of the item before the first of this turn. */
  after: number;
  poll(after: number, signal: AbortSignal): Promise<InboxItem[]>;
  sleep: Sleep;
  random: () => number;
  onSignal(type: InboxItem["type"]): void;
  /** Called once when the gateway refuses for good; nothing is polled after that. */
  onRefused(error: unknown): void;
}

/** What people want of one turn, fetched by one request that is always open until the inbox is disposed of. */
export class Inbox implements AsyncDisposable {
  readonly #options: InboxOptions;
  readonly #stop = new AbortController();
  readonly #polling: Promise<void>;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#polling = this.#poll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the inbox is closed"));
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { poll, sleep, random, onSignal, onRefused } = this.#options;
    const { signal } = this.#stop;
    let { after } = this.#options;
    let retries = 0;
    while (!signal.aborted) {
      try {
        for (const item of await poll(after, signal)) {
          if (item.n <= after) continue;
          after = item.n;
          onSignal(item.type);
        }
        retries = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof GatewayAway)) {
          onRefused(error);
          return;
        }
        await sleep(backoffMs(retries++, BACKOFF, random), signal).catch(() => undefined);
      }
    }
  }
}
