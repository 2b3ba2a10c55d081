import { useEffect, useRef, useState } from "react";
import type { Hand } from "./following.ts";
import { GLIDE_MS, type HandListener, type ReaderHand } from "./reader-hand.ts";

/** Phones tell of a drag and of the momentum behind it. The list itself waits while it is dragged. */
export function useReaderHand(_listener: HandListener): ReaderHand {
  const hand = useRef<Hand | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const [reader] = useState<ReaderHand>(() => {
    const begins = () => {
      clearTimeout(timer.current);
      hand.current = "any";
    };
    const ends = () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        hand.current = null;
      }, GLIDE_MS);
    };
    return {
      now: () => hand.current,
      props: {
        onScrollBeginDrag: begins,
        onScrollEndDrag: ends,
        onMomentumScrollBegin: begins,
        onMomentumScrollEnd: ends,
      },
    };
  });
  return reader;
}
