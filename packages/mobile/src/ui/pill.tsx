import { StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Text } from "./text.tsx";

export type Tone = "neutral" | "accent" | "ok" | "warn" | "danger";

const INK = { neutral: "soft", accent: "accent", ok: "ok", warn: "warn", danger: "danger" } as const;

/** A state in a word or two. Its colour says nothing that the word does not. */
export function Pill({ text, tone = "neutral", icon }: { text: string; tone?: Tone; icon?: IconName }) {
  const styles = useStyles(sheet);
  return (
    <View style={[styles.pill, styles[tone]]}>
      {icon ? <Icon name={icon} size={13} color={INK[tone]} /> : null}
      <Text variant="tiny" color={INK[tone]} numberOfLines={1}>
        {text}
      </Text>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    pill: {
      flexDirection: "row",
      alignItems: "center",
      alignSelf: "center",
      gap: space.xs,
      paddingHorizontal: space.s,
      paddingVertical: 2,
      borderRadius: radius.round,
    },
    neutral: { backgroundColor: colors.sunken },
    accent: { backgroundColor: colors.accentSoft },
    ok: { backgroundColor: colors.okSoft },
    warn: { backgroundColor: colors.warnSoft },
    danger: { backgroundColor: colors.dangerSoft },
  });
