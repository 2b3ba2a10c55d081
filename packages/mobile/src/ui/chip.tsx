import { StyleSheet } from "react-native";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { Text } from "./text.tsx";

/** One of a few things to choose from, side by side. */
export function Chip({
  title,
  isChosen,
  onPress,
  label,
  isTight = false,
}: {
  title: string;
  isChosen: boolean;
  onPress: () => void;
  label?: string;
  /** Where there are few points for many of them. */
  isTight?: boolean;
}) {
  const styles = useStyles(sheet);
  return (
    <Pressable
      role="radio"
      aria-checked={isChosen}
      label={label ?? title}
      onPress={onPress}
      style={[styles.chip, isTight ? styles.tight : null, isChosen ? styles.chosen : null]}
    >
      <Text variant="small" color={isChosen ? "accent" : "soft"} style={styles.text}>
        {title}
      </Text>
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    chip: {
      alignItems: "center",
      justifyContent: "center",
      paddingHorizontal: space.m,
      borderRadius: radius.round,
      borderWidth: 1,
      borderColor: colors.line,
      backgroundColor: colors.surface,
    },
    tight: { paddingHorizontal: space.s },
    chosen: { backgroundColor: colors.accentSoft, borderColor: colors.accent },
    text: { fontWeight: "600" },
  });
