import { type RefObject, useEffect, useRef } from "react";

/** How far a finger has to draw before letting go refreshes, in CSS pixels. */
const ENOUGH = 90;

/** Browsers have no pull to refresh inside a page: this watches the fingers over the list. */
export function usePullToRefresh(list: RefObject<unknown>, refresh: () => void): void {
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const element = list.current as HTMLElement | null;
    if (!element?.addEventListener) return;
    let startY: number | null = null;
    const begin = (event: TouchEvent) => {
      const touch = event.touches[0];
      startY = touch && isAtTop(event.target as Node, element) ? touch.clientY : null;
    };
    const end = (event: TouchEvent) => {
      const touch = event.changedTouches[0];
      if (startY !== null && touch && touch.clientY - startY > ENOUGH) latest.current();
      startY = null;
    };
    element.addEventListener("touchstart", begin, { passive: true });
    element.addEventListener("touchend", end, { passive: true });
    return () => {
      element.removeEventListener("touchstart", begin);
      element.removeEventListener("touchend", end);
    };
  }, [list]);
}

function isAtTop(from: Node, within: HTMLElement): boolean {
  for (let node: Node | null = from; node && node !== within.parentNode; node = node.parentNode)
    if (node instanceof HTMLElement && node.scrollTop > 0) return false;
  return true;
}
