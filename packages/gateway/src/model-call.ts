import type { ModelRequest } from "./model-policy.ts";
import type { AttemptClaim, GatewayPorts } from "./ports.ts";
import { inputTokensOf, outputTokensOf } from "./usage-estimate.ts";
import { type Metered, meterFor, NO_USAGE, type UsageMeter } from "./usage-meter.ts";

/** How long a call goes on that nobody listens to. The longest answers there are take less. */
const UNHEARD_MS = 30 * 60_000;
/** How much of it is read. The longest answers there are have less. */
const UNHEARD_MAX_BYTES = 64 * 1024 * 1024;
/** How often somebody may have asked for the turn's end meanwhile. */
const LOOK_AGAIN_MS = 1_000;

export interface ModelCallOptions {
  ports: Pick<GatewayPorts, "used" | "wantsEnd">;
  claim: AttemptClaim;
  /** What was asked for, where that is paid for; null for what costs nothing. */
  paid: ModelRequest | null;
  /** Aborts when the gateway ends. */
  ending: AbortSignal;
  /** Hears of a call that could not be counted when nobody listened any more. */
  onError(error: unknown): void;
}

interface PieceReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}

/**
 * One call of the model API, from the moment it is asked to the moment it is counted, which happens once.
 *
 * Tokens are paid for from the first on, and an answer says how many they were at its end alone. So whoever hangs up
 * decides what becomes of it:
 *
 * - **The sandbox**, whether it closes the connection, reports the end of its turn or dies: the answer is read to its
 *   end all the same, and counted. Otherwise an agent could spend without end by never listening to the bill.
 * - **A person** who stops the turn, or **the server**, which ends: the API is left at once, so that it works on for
 *   nobody. What it had said is counted from the answer, and the rest is estimated.
 */
export class ModelCall {
  readonly #options: ModelCallOptions;
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #answer: Response | null = null;
  #meter: UsageMeter | null = null;
  #reader: PieceReader | null = null;
  #bytes = 0;
  /** The answer has come to its end, or the API has refused. */
  #isWhole = false;
  #isLeft = false;
  #counted: Promise<void> | null = null;

  constructor(options: ModelCallOptions) {
    this.#options = options;
  }

  /** Fulfilled when the API has been left and the call is counted: its place is free. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Asks the API.
   *
   * @returns its answer, whose body `read` gives
   * @throws what `send` throws, and the reason of `listener` when whoever asked has gone before the answer began
   */
  async ask(
    send: (signal: AbortSignal) => Promise<Response>,
    { listener, silenceMs }: { listener: AbortSignal; silenceMs: number },
  ): Promise<Response> {
    const begins = this.#begin(send, silenceMs);
    const gone = Promise.withResolvers<never>();
    const leave = () => {
      gone.reject(listener.reason);
      void this.#leave(begins);
    };
    if (listener.aborted) leave();
    listener.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([begins, gone.promise]);
    } finally {
      listener.removeEventListener("abort", leave);
    }
  }

  async #begin(send: (signal: AbortSignal) => Promise<Response>, silenceMs: number): Promise<Response> {
    const silence = setTimeout(() => this.#abort.abort(new Error("it did not begin to answer")), silenceMs);
    try {
      const answer = await send(this.#abort.signal);
      this.#answer = answer;
      this.#isWhole = !answer.ok;
      this.#meter = meterFor(answer.headers.get("content-type") ?? "");
      this.#reader = answer.body?.getReader() ?? null;
      if (this.#reader === null) await this.end();
      return answer;
    } catch (error) {
      // Where it was cut off from here, it had been at work. Where it could not be reached, it had not.
      if (!this.#abort.signal.aborted) this.#isWhole = true;
      await this.end();
      throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  /** The answer's next piece; null at its end, when the call is counted. Rejects when the answer breaks off. */
  async read(): Promise<Uint8Array | null> {
    try {
      const piece = await this.#next();
      if (piece === null) await this.end();
      return piece;
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async #next(): Promise<Uint8Array | null> {
    const { value } = (await this.#reader?.read()) ?? {};
    if (value === undefined) {
      this.#isWhole = true;
      return null;
    }
    this.#bytes += value.byteLength;
    this.#meter?.push(value);
    return value;
  }

  /** Whoever asked does not listen any more. Fulfilled at once; `ended` says when it is over. */
  leave(): void {
    void this.#leave(Promise.resolve());
  }

  async #leave(begun: Promise<unknown>): Promise<void> {
    if (this.#isLeft) return;
    this.#isLeft = true;
    if (this.#options.paid === null) this.#abort.abort();
    const { ending } = this.#options;
    const cut = () => this.#abort.abort();
    if (ending.aborted) cut();
    ending.addEventListener("abort", cut, { once: true });
    const deadline = setTimeout(cut, UNHEARD_MS);
    const timer = setInterval(() => this.#cutIfWanted(), LOOK_AGAIN_MS);
    this.#cutIfWanted();
    try {
      await begun;
      const before = this.#bytes;
      while ((await this.#next()) !== null) if (this.#bytes - before > UNHEARD_MAX_BYTES) cut();
    } catch {
      // Broken off, or cut: nobody is there to be told, and it is counted as far as it got.
    } finally {
      clearInterval(timer);
      clearTimeout(deadline);
      ending.removeEventListener("abort", cut);
      await this.end().catch(this.#options.onError);
    }
  }

  #cutIfWanted(): void {
    if (this.#abort.signal.aborted) return;
    const { ports, claim, onError } = this.#options;
    void ports.wantsEnd(claim).then((isWanted) => {
      if (isWanted) this.#abort.abort();
    }, onError);
  }

  /** Leaves the API, where that is not over, and counts the call. Repeating it changes nothing. */
  end(): Promise<void> {
    this.#counted ??= this.#count().finally(() => {
      this.#abort.abort();
      this.#ended.resolve();
    });
    return this.#counted;
  }

  async #count(): Promise<void> {
    const { ports, claim } = this.#options;
    const metered = this.#metered();
    if (metered !== null) await ports.used(claim, metered);
  }

  #metered(): Metered | null {
    const { paid } = this.#options;
    if (paid === null || this.#answer?.ok === false) return null;
    const told = this.#meter?.read() ?? null;
    if (told !== null || this.#isWhole) return told;
    return {
      model: typeof paid.model === "string" ? paid.model : "",
      usage: {
        ...NO_USAGE,
        inputTokens: inputTokensOf(paid),
        outputTokens: outputTokensOf(this.#bytes),
      },
      isEstimated: true,
    };
  }
}
