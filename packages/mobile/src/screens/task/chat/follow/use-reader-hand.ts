import { useEffect, useRef, useState } from "react";
import { isDrag, type Point, type Way, wayOfFinger, wayOfKey, wayOfWheel } from "./gestures.ts";
import { GLIDE_MS, type HandListener, type ReaderHand } from "./reader-hand.ts";

type Handler<E> = (event: E & { currentTarget: unknown; target: unknown }) => void;

/** Wheel, finger, keys and the scrollbar of a page. Browsers do not say who scrolls, so it is told by what comes before. */
export function useReaderHand(listener: HandListener): ReaderHand {
  const heard = useRef(listener);
  heard.current = listener;
  const [hand] = useState(() => new PageHand(heard));
  useEffect(() => hand.listen(), [hand]);
  return hand;
}

class PageHand implements ReaderHand {
  readonly #listener: { readonly current: HandListener };
  #isUp = false;
  #finger: Point | null = null;
  /** Where the mouse was pressed. */
  #pressed: Point | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: { readonly current: HandListener }) {
    this.#listener = listener;
  }

  now = () => (this.#isUp ? ("up" as const) : null);

  /** Presses that end elsewhere end here too. */
  listen(): () => void {
    const released = () => this.#released();
    const ends = ["pointerup", "pointercancel", "blur"] as const;
    for (const end of ends) window.addEventListener(end, released);
    return () => {
      for (const end of ends) window.removeEventListener(end, released);
      clearTimeout(this.#rest);
    };
  }

  #moved(way: Way | null): void {
    if (way === null) return;
    clearTimeout(this.#rest);
    if (way === "down") {
      this.#isUp = false;
      return;
    }
    const isNew = !this.#isUp;
    this.#isUp = true;
    if (this.#pressed === null) this.#rest = setTimeout(() => this.#rested(), GLIDE_MS);
    if (isNew) this.#listener.current.onUp();
  }

  #released(): void {
    if (this.#pressed === null) return;
    this.#pressed = null;
    if (this.#isUp) this.#rest = setTimeout(() => this.#rested(), GLIDE_MS);
  }

  #rested(): void {
    this.#isUp = false;
    this.#listener.current.onRest();
  }

  props = {
    onWheel: within<WheelEvent>((event) => this.#moved(wayOfWheel(event))),
    onKeyDown: within<KeyboardEvent>((event) => {
      const { key, shiftKey, target } = event;
      this.#moved(wayOfKey({ key, shiftKey, isInField: isField(target as Element) }));
    }),
    onTouchStart: within<TouchEvent>(({ touches }) => {
      this.#finger = pointOf(touches[0]);
    }),
    onTouchMove: within<TouchEvent>(({ touches }) => {
      const to = pointOf(touches[0]);
      const way = this.#finger && to ? wayOfFinger(this.#finger, to) : null;
      if (way === null) return;
      this.#finger = to;
      this.#moved(way);
    }),
    onPointerDown: within<PointerEvent>((event) => {
      if (event.pointerType === "touch") return;
      const list = event.currentTarget as Element;
      this.#pressed = { x: event.clientX, y: event.clientY };
      // Beside the rows lies the scrollbar.
      const isOnBar = event.clientX >= list.getBoundingClientRect().left + list.clientWidth;
      if (event.target === list && isOnBar) this.#moved("up");
    }),
    onPointerMove: within<PointerEvent>((event) => {
      if (this.#pressed === null) return;
      // Not every browser tells of the end of a press on a scrollbar.
      if (event.buttons === 0) this.#released();
      else if (isDrag(this.#pressed, { x: event.clientX, y: event.clientY })) this.#moved("up");
    }),
  };
}

/** What bubbles here from a sheet that a row has opened lies over the list, and not in it. */
const within =
  <E>(handle: Handler<E>): Handler<E> =>
  (event) => {
    if ((event.currentTarget as Node).contains(event.target as Node)) handle(event);
  };

const pointOf = (touch: Touch | undefined): Point | null =>
  touch ? { x: touch.clientX, y: touch.clientY } : null;

const isField = (target: Element): boolean => target.closest("input, textarea, select") !== null;
