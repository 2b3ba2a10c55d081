import { Turnstile } from "./turnstile.ts";

export type { Place } from "./turnstile.ts";

/**
 * Lets a few model calls of one task under way at once. Calls are paid for when they have ended, so this bounds how far
 * a task can get beyond its budget, and how much of their bodies is held while it waits for more.
 */
export class ModelTurnstile extends Turnstile {
  constructor() {
    super({ mostAtOnce: 4, mostWaiting: 16 });
  }
}
