import type { ChatRow } from "@farhand/client/app";
import type { LegendListRef } from "@legendapp/list/react-native";
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { NativeScrollEvent, NativeSyntheticEvent } from "react-native";
import {
  AT_END,
  afterChange,
  afterGesture,
  afterScroll,
  type Following,
  follow,
  goneAway,
  isAtEnd,
  letGo,
} from "./following.ts";
import { useReaderHand } from "./use-reader-hand";

/** Keeps the list at its end until the reader leaves it, or is led away by `goAway`. */
export function useFollowing(list: RefObject<LegendListRef | null>, rows: readonly ChatRow[]) {
  const [drawn, setDrawn] = useState<Following>(AT_END);
  /** Also where the list is, which changes with every frame and is not worth a drawing. */
  const latest = useRef(drawn);
  const lastId = useRef<string | null>(null);
  lastId.current = rows.at(-1)?.id ?? null;

  const set = useCallback((after: Following) => {
    const { isFollowing, leftAt } = latest.current;
    latest.current = after;
    if (after.isFollowing !== isFollowing || after.leftAt !== leftAt) setDrawn(after);
  }, []);
  const pullToEnd = useCallback(() => {
    void list.current?.scrollToEnd({ animated: false });
  }, [list]);
  const goAway = useCallback(() => set(goneAway(latest.current, lastId.current)), [set]);
  const toEnd = useCallback(() => {
    set(follow(latest.current));
    pullToEnd();
  }, [set, pullToEnd]);

  const hand = useReaderHand({
    onUp: () => {
      // A list that is seen whole leads nowhere.
      if ((list.current?.getState().scroll ?? 0) > 0) set(letGo(latest.current, lastId.current));
    },
    onRest: () => {
      if (!latest.current.isFollowing && afterGesture(latest.current).isFollowing) toEnd();
    },
  });
  const heard = useCallback(
    (event: NativeSyntheticEvent<NativeScrollEvent>) => {
      const { contentOffset, contentSize, layoutMeasurement } = event.nativeEvent;
      const scrolled = {
        offset: contentOffset.y,
        room: layoutMeasurement.height,
        length: contentSize.height,
      };
      const held = hand.now();
      const circumstances = { hand: held, nowMs: Date.now(), lastId: lastId.current };
      const after = afterScroll(latest.current, scrolled, circumstances);
      set(after);
      // The list gives up its end where rows that shrink move it, as it takes that for a reader's doing.
      if (after.isFollowing && held === null && !isAtEnd(scrolled)) pullToEnd();
    },
    [hand, set, pullToEnd],
  );
  const known = useRef(rows);
  useLayoutEffect(() => {
    if (known.current === rows) return;
    known.current = rows;
    latest.current = afterChange(latest.current, Date.now());
  }, [rows]);

  return useMemo(
    () => ({ following: drawn, heard, goAway, toEnd, handProps: hand.props }),
    [drawn, heard, goAway, toEnd, hand],
  );
}
