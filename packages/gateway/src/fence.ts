import type { AttemptClaim, GatewayPorts } from "./ports.ts";

/** How often the claim of a request that lasts is looked at again. */
const RECHECK_MS = 1_000;

/**
 * What a route is to an attempt that rests between two turns: open; closed to new requests, while those that are
 * under way may finish; or closed, and what is under way is cut off.
 */
export type AtRest = "open" | "closed" | "cut";

/** Why a request was cut off: a newer attempt has taken over (or the socket closes), or the turn is over. */
export type CutReason = "stale" | "rest";

/** A request that has passed the fence. End it when its answer has ended. */
export interface Passage {
  claim: AttemptClaim;
  /** Aborts when the caller leaves, the socket closes, or the passage is cut (`cutFor` tells why). */
  signal: AbortSignal;
  cutFor(): CutReason | null;
  end(): void;
}

export type FenceResult =
  | { status: "passed"; passage: Passage }
  | { status: "stale" }
  | { status: "resting" }
  | { status: "unknown" };

interface Entry {
  attempt: number;
  cut(reason: CutReason): void;
  end(): void;
}

/** Lets the current attempt of one task pass, and cuts off what an older or a resting one still has in flight. */
export class Fence {
  readonly #ports: Pick<GatewayPorts, "claim">;
  readonly #taskId: string;
  readonly #shut: AbortSignal;
  readonly #open = new Set<Entry>();

  constructor(ports: Pick<GatewayPorts, "claim">, taskId: string, shut: AbortSignal) {
    this.#ports = ports;
    this.#taskId = taskId;
    this.#shut = shut;
  }

  async pass(token: string, atRest: AtRest, caller: AbortSignal): Promise<FenceResult> {
    const result = await this.#ports.claim(this.#taskId, token);
    if (result.status !== "current") return result;
    const { claim } = result;
    // The first request of a new attempt tells that every older one is over.
    for (const other of this.#open) if (other.attempt < claim.attempt) other.cut("stale");
    if (result.isResting && atRest !== "open") return { status: "resting" };

    const cutting = new AbortController();
    let cutFor: CutReason | null = null;
    const entry: Entry = {
      attempt: claim.attempt,
      cut: (reason) => {
        cutFor ??= reason;
        cutting.abort(new Error(cutFor === "rest" ? "the turn is over" : "a newer attempt has taken over"));
      },
      end: () => {
        clearInterval(timer);
        this.#open.delete(entry);
      },
    };
    const timer = setInterval(() => {
      void this.#lookAgain(token, atRest).then((reason) => {
        if (reason !== null) entry.cut(reason);
      });
    }, RECHECK_MS);
    this.#open.add(entry);
    return {
      status: "passed",
      passage: {
        claim,
        signal: AbortSignal.any([caller, this.#shut, cutting.signal]),
        cutFor: () => cutFor,
        end: entry.end,
      },
    };
  }

  /** Why the request must end now. A claim that cannot be checked stands: the next look, a second later, decides. */
  async #lookAgain(token: string, atRest: AtRest): Promise<CutReason | null> {
    try {
      const result = await this.#ports.claim(this.#taskId, token);
      if (result.status !== "current") return "stale";
      return result.isResting && atRest === "cut" ? "rest" : null;
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    for (const entry of [...this.#open]) {
      entry.cut("stale");
      entry.end();
    }
  }
}
