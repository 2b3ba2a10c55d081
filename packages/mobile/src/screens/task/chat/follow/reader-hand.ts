import type { Hand } from "./following.ts";

export interface HandListener {
  /** A gesture begins that wants up. */
  onUp(): void;
  /** It is over, and so is what it set going. */
  onRest(): void;
}

export interface ReaderHand {
  /** What the hand is at now; null where it is at nothing. */
  now(): Hand | null;
  /** For the list, which hears of gestures by them. */
  props: object;
}

/** Wheels, keys and thrown lists glide on for a while after the gesture. */
export const GLIDE_MS = 500;
