import type { AttemptClaim, GatewayPorts } from "./ports.ts";

/** How often the claim of a request that lasts is looked at again. */
const RECHECK_MS = 1_000;

/** A request that has passed the fence. Dispose it when its answer has ended. */
export interface Passage {
  claim: AttemptClaim;
  /** Aborts when the caller leaves, the socket closes, or the attempt goes stale (`isStale` tells which). */
  signal: AbortSignal;
  isStale(): boolean;
  end(): void;
}

export type FenceResult =
  | { status: "passed"; passage: Passage }
  | { status: "stale" }
  | { status: "unknown" };

/** Lets the current attempt of one task pass, and cuts off what an older attempt still has in flight. */
export class Fence {
  readonly #ports: GatewayPorts;
  readonly #taskId: string;
  readonly #shut: AbortSignal;
  readonly #open = new Set<{ attempt: number; cut(): void; end(): void }>();

  constructor(ports: GatewayPorts, taskId: string, shut: AbortSignal) {
    this.#ports = ports;
    this.#taskId = taskId;
    this.#shut = shut;
  }

  async pass(token: string, caller: AbortSignal): Promise<FenceResult> {
    const result = await this.#ports.claim(this.#taskId, token);
    if (result.status !== "current") return result;
    const { claim } = result;
    // The first request of a new attempt tells that every older one is over.
    for (const other of this.#open) if (other.attempt < claim.attempt) other.cut();

    const stale = new AbortController();
    const entry = {
      attempt: claim.attempt,
      cut: () => stale.abort(new Error("a newer attempt has taken over")),
      end: () => {
        clearInterval(timer);
        this.#open.delete(entry);
      },
    };
    const timer = setInterval(() => {
      void this.#isCurrent(token).then((current) => {
        if (!current) entry.cut();
      });
    }, RECHECK_MS);
    this.#open.add(entry);
    return {
      status: "passed",
      passage: {
        claim,
        signal: AbortSignal.any([caller, this.#shut, stale.signal]),
        isStale: () => stale.signal.aborted,
        end: entry.end,
      },
    };
  }

  /** A claim that cannot be checked counts as current: the next look, a second later, decides. */
  async #isCurrent(token: string): Promise<boolean> {
    try {
      return (await this.#ports.claim(this.#taskId, token)).status === "current";
    } catch {
      return true;
    }
  }

  [Symbol.dispose](): void {
    for (const entry of [...this.#open]) {
      entry.cut();
      entry.end();
    }
  }
}
