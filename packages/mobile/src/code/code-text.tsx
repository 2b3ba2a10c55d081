import { memo } from "react";
import { Text as NativeText, Platform, StyleSheet } from "react-native";
import { MONO, scaled } from "../theme/font.ts";
import { useStyles, useTheme } from "../theme/theme.tsx";
import type { Palette } from "../theme/tokens.ts";
import { TOKEN_COLORS, type Token } from "./highlight.ts";
import { type LineOptions, layOut, type Segment } from "./line-layout.ts";

export const CODE_SIZE = 13;
/** Of the fonts that are used; measured where it can be. */
export const USUAL_CELL = CODE_SIZE * 0.602;

/** One line of code, on as many lines of the screen as it takes. */
export const CodeText = memo(function CodeText({
  tokens,
  lineHeight,
  side,
  ...options
}: LineOptions & {
  tokens: readonly Token[];
  /** In points, before the reader's own scale. */
  lineHeight: number;
  /** What kind of line it is, for the colour of what changed within it. */
  side?: "added" | "removed";
}) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const lines = layOut(tokens, options);
  return (
    <NativeText style={[styles.code, { lineHeight: scaled(lineHeight) }]}>
      {lines.flatMap((line, index) => [
        ...(index > 0 ? ["\n"] : []),
        ...line.map((segment, place) => {
          const look = lookOf(segment, colors, side);
          if (look === null) return segment.text;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no name but their place
            <NativeText key={`${index}.${place}`} style={look}>
              {segment.text}
            </NativeText>
          );
        }),
      ])}
    </NativeText>
  );
});

function lookOf(segment: Segment, colors: Palette, side: "added" | "removed" | undefined): object | null {
  if (segment.found === "here") return { backgroundColor: colors.accent, color: colors.onAccent };
  if (segment.found === "yes") return { backgroundColor: colors.accentSoft, color: colors.text };
  if (segment.isName) return { backgroundColor: colors.warnSoft, color: colors.warn, fontWeight: "700" };
  if (segment.isChanged && side)
    return { backgroundColor: side === "added" ? colors.addedMark : colors.removedMark, color: colors.text };
  return segment.kind === null ? null : { color: colors[TOKEN_COLORS[segment.kind]] };
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    code: {
      color: colors.text,
      fontFamily: MONO,
      fontSize: scaled(CODE_SIZE),
      // React Native's own spaces stay; browsers have to be told.
      ...(Platform.OS === "web" ? ({ whiteSpace: "pre", fontVariantLigatures: "none" } as object) : {}),
    },
  });
