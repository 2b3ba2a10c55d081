import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import type { Tone } from "./pill.tsx";
import { Text } from "./text.tsx";

const LOOKS: Record<Tone, { ink: keyof Palette; icon: IconName }> = {
  neutral: { ink: "soft", icon: "info" },
  accent: { ink: "accent", icon: "info" },
  ok: { ink: "ok", icon: "check" },
  warn: { ink: "warn", icon: "alert" },
  danger: { ink: "danger", icon: "alert" },
};

/**
 * Something that holds for the whole screen. Its text is announced when it comes; its detail may change each second and is
 * not.
 */
export function Banner({
  text,
  detail,
  tone = "neutral",
  icon,
  actions,
  isCard = false,
}: {
  text: string;
  detail?: string | undefined;
  tone?: Tone;
  icon?: IconName;
  actions?: ReactNode;
  /** It stands among other cards, and not across the screen. */
  isCard?: boolean;
}) {
  const styles = useStyles(sheet);
  const { ink, icon: usual } = LOOKS[tone];
  return (
    <View style={[styles.banner, styles[tone], isCard ? styles.card : null]}>
      <Icon name={icon ?? usual} size={18} color={ink} />
      <View style={styles.texts}>
        <Text variant="small" role={tone === "danger" ? "alert" : "status"} style={styles.text}>
          {text}
        </Text>
        {detail ? (
          <Text variant="small" color="text">
            {detail}
          </Text>
        ) : null}
      </View>
      {actions}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    banner: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      paddingLeft: space.l,
      paddingRight: space.s,
      paddingVertical: space.xs,
      minHeight: 44,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
    },
    card: { borderRadius: radius.l, borderBottomWidth: 0 },
    texts: { flex: 1, minWidth: 0 },
    text: { fontWeight: "600" },
    neutral: { backgroundColor: colors.raised },
    accent: { backgroundColor: colors.accentSoft },
    ok: { backgroundColor: colors.okSoft },
    warn: { backgroundColor: colors.warnSoft },
    danger: { backgroundColor: colors.dangerSoft },
  });
