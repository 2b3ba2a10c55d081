import type { NumberedWorkerEvent, WorkerEvent } from "@farhand/protocol";
import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { isDiskFull } from "./failure.ts";
import { type EventsAnswer, GatewayAway } from "./gateway-client.ts";
import type { Spool } from "./spool.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

export interface ReporterOptions {
  spool: Spool;
  post(events: NumberedWorkerEvent[], signal: AbortSignal): Promise<EventsAnswer>;
  sleep: Sleep;
  random: () => number;
  /** Called once when the gateway refuses events for good; none are sent after that. */
  onRefused(error: unknown): void;
}

/**
 * Brings events to the log: each is on the disk when `report` returns and is then sent, in order, until the
 * gateway acknowledges it, however long that takes.
 */
export class Reporter implements AsyncDisposable {
  readonly #options: ReporterOptions;
  readonly #stop = new AbortController();
  readonly #sending: Promise<void>;
  #wake = Promise.withResolvers<void>();
  #drained = Promise.withResolvers<void>();
  #refused = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#sending = this.#send();
  }

  /** Numbers the event and brings it to the disk. Throws when the disk refuses. */
  report(event: WorkerEvent): void {
    this.#options.spool.append(event);
    this.#notify();
  }

  /** Reports what must be told, such as how the turn ended, also where the disk has no room for it. */
  reportAnyway(event: WorkerEvent): void {
    try {
      this.#options.spool.append(event);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#options.spool.appendInMemory(event);
    }
    this.#notify();
  }

  /**
   * Resolves with true when the gateway has acknowledged everything that was reported, and with false when it
   * never will or when `signal` aborts first.
   */
  async flush(signal: AbortSignal): Promise<boolean> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (this.#options.spool.pendingCount > 0 && !this.#refused && !signal.aborted) {
        await Promise.race([this.#drained.promise, aborted.promise]);
      }
      return this.#options.spool.pendingCount === 0;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the reporter is closed"));
    this.#notify();
    await this.#sending;
  }

  #notify(): void {
    this.#wake.resolve();
  }

  async #send(): Promise<void> {
    const { spool, post, sleep, random } = this.#options;
    const { signal } = this.#stop;
    let retries = 0;
    while (!signal.aborted) {
      const events = spool.batch();
      if (events.length === 0) {
        this.#drained.resolve();
        this.#drained = Promise.withResolvers();
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      try {
        const answer = await post(events, signal);
        if (answer.status === "ok") {
          spool.acknowledge(answer.acknowledged);
          retries = 0;
          continue;
        }
        spool.rewind(answer.acknowledged);
        await sleep(backoffMs(retries++, BACKOFF, random), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof GatewayAway)) {
          this.#refused = true;
          this.#drained.resolve();
          this.#options.onRefused(error);
          return;
        }
        await sleep(backoffMs(retries++, BACKOFF, random), signal).catch(() => undefined);
      }
    }
  }
}
