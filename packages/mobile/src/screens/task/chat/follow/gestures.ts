/** Which gestures in a page want up in the list, as far as browsers tell of them. */

export interface Wheel {
  deltaX: number;
  deltaY: number;
  /** Zooms the page. */
  ctrlKey: boolean;
}

export type Way = "up" | "down";

/** Null where it goes nowhere, or mostly sideways: two fingers never keep to a line. */
export function wayOfWheel({ deltaX, deltaY, ctrlKey }: Wheel): Way | null {
  if (ctrlKey || deltaY === 0 || Math.abs(deltaX) > Math.abs(deltaY)) return null;
  return deltaY < 0 ? "up" : "down";
}

export interface Key {
  key: string;
  shiftKey: boolean;
  /** Whoever writes moves a caret, and no list. */
  isInField: boolean;
}

const UP = new Set(["ArrowUp", "PageUp", "Home"]);
const DOWN = new Set(["ArrowDown", "PageDown", "End"]);

export function wayOfKey({ key, shiftKey, isInField }: Key): Way | null {
  // The focus takes the list along.
  if (key === "Tab") return shiftKey ? "up" : "down";
  if (isInField) return null;
  if (key === " ") return shiftKey ? "up" : "down";
  return UP.has(key) ? "up" : DOWN.has(key) ? "down" : null;
}

/** A finger that stays within so many points is at rest. */
const SLOP = 6;

export interface Point {
  x: number;
  y: number;
}

/** A finger pulls the rows along: one that goes down brings what lies further up. */
export function wayOfFinger(from: Point, to: Point): Way | null {
  const [across, along] = [to.x - from.x, to.y - from.y];
  if (Math.abs(along) <= SLOP || Math.abs(across) > Math.abs(along)) return null;
  return along > 0 ? "up" : "down";
}

/** A pressed mouse that has moved marks text, and is not to lose it below its hands. */
export const isDrag = (from: Point, to: Point): boolean => Math.hypot(to.x - from.x, to.y - from.y) > SLOP;
