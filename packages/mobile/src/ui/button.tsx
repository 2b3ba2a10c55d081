import { ActivityIndicator, StyleSheet } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles, useTheme } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { Text } from "./text.tsx";

export interface ButtonProps {
  /** What it says, and what screen readers say. */
  title: string;
  onPress: () => void;
  /** `main`: the one thing to do here. `quiet`: another. `danger`: what cannot be undone. */
  kind?: "main" | "quiet" | "danger";
  icon?: IconName;
  isBusy?: boolean;
  isDisabled?: boolean;
  /** What it is about, where the title alone does not say so. */
  label?: string;
  /** As narrow as its text. */
  isCompact?: boolean;
  testID?: string;
}

export function Button(props: ButtonProps) {
  const { title, kind = "main", icon, isBusy = false, isDisabled = false, isCompact = false } = props;
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const ink: keyof Palette = kind === "main" ? "onAccent" : kind === "danger" ? "danger" : "text";
  return (
    <Pressable
      label={props.label ?? title}
      testID={props.testID}
      disabled={isDisabled || isBusy}
      aria-busy={isBusy}
      onPress={props.onPress}
      style={[styles.base, styles[kind], isCompact ? styles.compact : null]}
    >
      {isBusy ? (
        <ActivityIndicator size="small" color={colors[ink]} />
      ) : icon ? (
        <Icon name={icon} size={18} color={ink} />
      ) : null}
      <Text variant="label" color={ink} style={styles.title}>
        {title}
      </Text>
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    base: {
      flexDirection: "row",
      alignItems: "center",
      justifyContent: "center",
      gap: space.s,
      paddingHorizontal: space.l,
      paddingVertical: space.s,
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: "transparent",
    },
    compact: { alignSelf: "flex-start" },
    main: { backgroundColor: colors.accent },
    quiet: { backgroundColor: colors.surface, borderColor: colors.edge },
    danger: { backgroundColor: colors.surface, borderColor: colors.danger },
    title: { textAlign: "center", flexShrink: 1 },
  });
