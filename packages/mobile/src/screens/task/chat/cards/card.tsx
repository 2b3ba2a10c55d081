import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../../../../icons/icon.tsx";
import type { IconName } from "../../../../icons/paths.ts";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";

/** Something that a person is asked for. While it is open it stands out. */
export function Card({
  icon,
  title,
  isOpen,
  children,
}: {
  icon: IconName;
  title: string;
  isOpen: boolean;
  children?: ReactNode;
}) {
  const styles = useStyles(sheet);
  return (
    <View role="group" aria-label={title} style={[styles.card, isOpen ? styles.open : null]}>
      <View style={styles.head}>
        <Icon name={icon} size={18} color={isOpen ? "warn" : "soft"} />
        <Text variant="label" heading={2} color={isOpen ? "warn" : "soft"} style={styles.title}>
          {title}
        </Text>
      </View>
      {children}
    </View>
  );
}

export const cardStyles = StyleSheet.create({
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    card: {
      gap: space.m,
      padding: space.m,
      borderRadius: radius.l,
      borderWidth: 1,
      borderColor: colors.line,
      backgroundColor: colors.surface,
    },
    open: { borderColor: colors.warn, borderLeftWidth: 4 },
    head: { flexDirection: "row", alignItems: "center", gap: space.s },
    title: { flex: 1 },
  });
