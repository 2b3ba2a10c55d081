import type { LegendListRef } from "@legendapp/list/react-native";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import { arrange } from "./arrange.ts";
import { ROW_MARK } from "./row-mark.ts";

/** How long rows may stand where they were first put. */
const SORT_MS = 100;

/**
 * Rows are drawn into elements that the list has to spare, and placed by their tops: their order in the page, which is the
 * one for screen readers and for Tab, is another. The list mends it where nothing has changed for half a second. While an
 * answer streams in that may never come, and Tab does not wait for it.
 * @returns to be called when rows may have changed places
 */
export function useReadingOrder(list: RefObject<LegendListRef | null>): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const sort = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    const node: unknown = list.current?.getScrollableNode();
    if (node instanceof Element) arrangeRows(node);
  }, [list]);
  useEffect(() => {
    const tabbed = ({ key }: KeyboardEvent) => {
      if (key === "Tab") sort();
    };
    // Before the focus goes, wherever it comes from.
    document.addEventListener("keydown", tabbed, true);
    return () => {
      document.removeEventListener("keydown", tabbed, true);
      if (timer.current !== null) clearTimeout(timer.current);
    };
  }, [sort]);
  return useCallback(() => {
    timer.current ??= setTimeout(sort, SORT_MS);
  }, [sort]);
}

function arrangeRows(list: Element): void {
  const rows = list.querySelector(`[data-testid="${ROW_MARK}"]`)?.parentElement?.parentElement;
  if (!rows) return;
  const held = Array.from(rows.children).find((row) => row.contains(document.activeElement));
  arrange<Element>(rows, (row) => row.getBoundingClientRect().top, held);
}
