import { type ReactNode, useState } from "react";
import { Text as NativeText, View } from "react-native";
import { MONO, scaled } from "../theme/font.ts";
import { CODE_SIZE, USUAL_CELL } from "./code-text.tsx";

const SAMPLE = 50;

/**
 * How wide one character of code is on this screen, in points, and what measures it: put `ruler` anywhere. It follows
 * the reader's own text size.
 */
export function useCell(): { cell: number; ruler: ReactNode } {
  const [cell, setCell] = useState(USUAL_CELL);
  const ruler = (
    <View style={{ position: "absolute", opacity: 0, flexDirection: "row" }} pointerEvents="none" aria-hidden>
      <NativeText
        style={{ fontFamily: MONO, fontSize: scaled(CODE_SIZE) }}
        onLayout={({ nativeEvent }) => {
          const { width } = nativeEvent.layout;
          if (width > 0) setCell(width / SAMPLE);
        }}
      >
        {"0".repeat(SAMPLE)}
      </NativeText>
    </View>
  );
  return { cell, ruler };
}
