import type { InboxItem } from "@farhand/protocol";
import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { GatewayAway } from "./gateway-client.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

export interface UserMessage {
  messageId: string;
  text: string;
}

export interface InboxOptions {
  poll(after: number, signal: AbortSignal): Promise<InboxItem[]>;
  sleep: Sleep;
  random: () => number;
  /** Messages that an earlier process of this attempt has delivered already. */
  delivered: Iterable<string>;
  onCancel(): void;
  /** Called once when the gateway refuses for good; nothing is polled after that. */
  onRefused(error: unknown): void;
}

/** What people want of this worker, fetched by one request that is always open. */
export class Inbox implements AsyncDisposable {
  readonly #options: InboxOptions;
  readonly #stop = new AbortController();
  readonly #polling: Promise<void>;
  readonly #delivered: Set<string>;
  #waiting: UserMessage[] = [];

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#delivered = new Set(options.delivered);
    this.#polling = this.#poll();
  }

  get hasMessages(): boolean {
    return this.#waiting.length > 0;
  }

  /** Hands over the messages that wait, oldest first. Each is handed over once. */
  take(): UserMessage[] {
    const messages = this.#waiting;
    this.#waiting = [];
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the inbox is closed"));
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { poll, sleep, random, onCancel, onRefused } = this.#options;
    const { signal } = this.#stop;
    let after = 0;
    let retries = 0;
    while (!signal.aborted) {
      try {
        for (const item of await poll(after, signal)) {
          after = Math.max(after, item.n);
          if (item.type === "cancel") onCancel();
          else this.#receive(item);
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

  #receive(message: UserMessage): void {
    if (this.#delivered.has(message.messageId)) return;
    this.#delivered.add(message.messageId);
    this.#waiting.push({ messageId: message.messageId, text: message.text });
  }
}
