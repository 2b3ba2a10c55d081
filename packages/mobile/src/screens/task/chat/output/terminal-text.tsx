import { memo } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { type AnsiColor, parseAnsi } from "./ansi.ts";

const INK: Record<AnsiColor, keyof Palette> = {
  black: "soft",
  red: "danger",
  green: "ok",
  yellow: "warn",
  blue: "accent",
  magenta: "codeKeyword",
  cyan: "codeString",
  white: "text",
};

/** What a command printed, in its colours. Long lines scroll sideways, or are broken where they are to be read at once. */
export const TerminalText = memo(function TerminalText({
  text,
  label,
  isWrapped = false,
}: {
  text: string;
  label: string;
  isWrapped?: boolean;
}) {
  const styles = useStyles(sheet);
  const lines = isWrapped ? styles.wrapped : styles.pre;
  const shown = (
    <Text variant="code" selectable style={lines}>
      {parseAnsi(text).map((span, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: spans of one text have no other name and no state
          key={index}
          variant="code"
          color={span.isDim ? "soft" : span.color ? INK[span.color] : "text"}
          style={[
            lines,
            span.isBold ? styles.bold : null,
            span.isItalic ? styles.italic : null,
            span.isUnderlined ? styles.underlined : null,
          ]}
        >
          {span.text}
        </Text>
      ))}
    </Text>
  );
  if (isWrapped)
    return (
      <View role="group" aria-label={label} style={[styles.box, styles.inside]}>
        {shown}
      </View>
    );
  return (
    <ScrollView
      horizontal
      style={styles.box}
      contentContainerStyle={styles.inside}
      // Who has no pointer scrolls it with the keys.
      {...{ tabIndex: 0, role: "region", "aria-label": label }}
    >
      {shown}
    </ScrollView>
  );
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    box: { backgroundColor: colors.sunken, borderRadius: radius.m, flexGrow: 0 },
    inside: { padding: space.m, minWidth: "100%" },
    pre: { whiteSpace: "pre" } as object,
    wrapped: { whiteSpace: "pre-wrap", overflowWrap: "anywhere" } as object,
    bold: { fontWeight: "700" },
    italic: { fontStyle: "italic" },
    underlined: { textDecorationLine: "underline" },
  });
