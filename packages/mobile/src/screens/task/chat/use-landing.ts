import type { ChatRow } from "@farhand/client/app";
import type { LegendListRef } from "@legendapp/list/react-native";
import { useLocalSearchParams, useRouter } from "expo-router";
import { type RefObject, useEffect, useRef } from "react";
import { cardIndex } from "./card-place.ts";

/** From the end of the list one sees so many rows anyway. */
const IN_SIGHT = 2;

/**
 * Brings the card into sight that the address names, as a notification that was tapped does. The address then names it no
 * more: whoever taps it again, after reading elsewhere, is led there again.
 */
export function useLanding(
  list: RefObject<LegendListRef | null>,
  rows: readonly ChatRow[],
  isAtEnd: boolean,
  goAway: () => void,
): void {
  const { card } = useLocalSearchParams<{ card?: string }>();
  const router = useRouter();
  const landed = useRef<string | null>(null);
  useEffect(() => {
    if (!card) landed.current = null;
    if (!card || landed.current === card) return;
    const index = cardIndex(rows, card);
    if (index < 0) return;
    landed.current = card;
    router.setParams({ card: undefined });
    if (isAtEnd && index >= rows.length - IN_SIGHT) return;
    goAway();
    void list.current?.scrollToIndex({ index, animated: false, viewPosition: 0.5 });
  }, [card, rows, isAtEnd, list, goAway, router]);
}
