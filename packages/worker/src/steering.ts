import type { TakenMessages } from "@farhand/protocol";
import type { Sleep } from "./backoff.ts";
import { untilAnswered } from "./until-answered.ts";

export type TakenMessage = TakenMessages["messages"][number];

export interface SteeringOptions {
  /** Number of the last message that the conversation holds. */
  after: number;
  /** Delivers what waits and gives what is numbered above `after`; may be repeated. */
  take(after: number, signal: AbortSignal): Promise<TakenMessage[]>;
  /** Resolves with true once the log has all that was reported. */
  flush(signal: AbortSignal): Promise<boolean>;
  sleep: Sleep;
  random: () => number;
  signal: AbortSignal;
}

/** What people say to a turn that is under way. Each message is handed over once, also when an answer is lost. */
export class Steering {
  readonly #options: SteeringOptions;
  #after: number;
  #isTold = false;

  constructor(options: SteeringOptions) {
    this.#options = options;
    this.#after = options.after;
  }

  /** Somebody has written. */
  tell(): void {
    this.#isTold = true;
  }

  /** Somebody has written since the last take. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** As `take`, without asking when nobody has written. */
  async takeIfTold(): Promise<TakenMessage[]> {
    return this.#isTold ? await this.take() : [];
  }

  /**
   * Has everything that waits delivered and hands it over, oldest first.
   *
   * @throws the signal's reason when it aborts.
   */
  async take(): Promise<TakenMessage[]> {
    const { take, flush, signal } = this.#options;
    this.#isTold = false;
    // The log's order is the conversation's: the messages come behind all that has happened.
    if (!(await flush(signal))) {
      signal.throwIfAborted();
      throw new Error("the log takes no events any more");
    }
    const taken = await untilAnswered(() => take(this.#after, signal), this.#options, signal);
    const messages = taken.filter(({ n }) => n > this.#after);
    this.#after = Math.max(this.#after, ...messages.map(({ n }) => n));
    return messages;
  }
}
