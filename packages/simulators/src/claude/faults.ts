import type { Fault, Turn } from "./scenario.ts";

/** Counts the faults that a conversation has met, so that each fires as often as its turn says. */
export class FaultCounter {
  readonly #met = new Map<string, number>();

  /**
   * The fault that this request meets, or null when the turn is to be answered. Once it has been answered the
   * count starts anew: the next task with the same prompt meets the same faults.
   * @param key one conversation at one turn
   */
  next(key: string, turn: Turn): Fault | null {
    const met = this.#met.get(key) ?? 0;
    let position = 0;
    for (const fault of turn.faults ?? []) {
      if (fault.times === "always") return fault;
      position += fault.times;
      if (met < position) {
        this.#met.set(key, met + 1);
        return fault;
      }
    }
    this.#met.delete(key);
    return null;
  }
}
